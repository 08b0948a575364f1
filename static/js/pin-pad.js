// Owns the digits beside a PIN's field: a touch screen has no keyboard.
// It must not know what the PIN is for.

const field = document.getElementById("pin");
const pad = document.getElementById("pin-pad");
const submit = document.getElementById("switch-submit");

if (field && pad) {
  pad.hidden = false;
  if (submit) submit.hidden = true;
  pad.addEventListener("click", (event) => {
    const digit = event.target.closest("[data-digit]")?.dataset.digit;
    if (digit === undefined) return;
    const most = Number(field.getAttribute("maxlength"));
    field.value = digit === "" ? field.value.slice(0, -1) : (field.value + digit).slice(0, most);
  });
}
