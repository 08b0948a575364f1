// Owns the camera of the page that opens orders by their codes: what it reads goes into the field,
// and the form is sent. A scanner that types needs none of this, and no more does a number.

import { readTexts } from "./text.js";

const DECODER = "/static/vendor/qr-read/decode.js";
const EVERY_MS = 150;
const WIDTH_PX = 640;

const { t } = readTexts();
const piece = (name) => document.getElementById(name);
const form = piece("scan");
const video = piece("scan-video");

/** Returns what reads a picture: the browser's own reader where it has one, else the library. */
async function reader() {
  if ("BarcodeDetector" in globalThis) {
    const kinds = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (kinds.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async () => (await detector.detect(video))[0]?.rawValue ?? "";
    }
  }
  const { decodeQR } = await import(DECODER);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async () => {
    canvas.width = WIDTH_PX;
    canvas.height = Math.round((WIDTH_PX * video.videoHeight) / Math.max(video.videoWidth, 1));
    if (canvas.height === 0) return "";
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height)) ?? "";
    } catch {
      // Most pictures hold no code.
      return "";
    }
  };
}

async function look() {
  piece("scan-trouble").hidden = true;
  let stream = null;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const read = await reader();
    video.srcObject = stream;
    piece("scan-stage").hidden = false;
    await video.play();
    const timer = setInterval(async () => {
      const code = await read();
      if (!code || !stream.active) return;
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
      piece("code").value = code;
      form.requestSubmit();
    }, EVERY_MS);
  } catch {
    for (const track of stream?.getTracks() ?? []) track.stop();
    piece("scan-trouble").textContent = t("scan.no_camera");
    piece("scan-trouble").hidden = false;
  }
}

// Cameras are there over HTTPS and on the machine itself only.
piece("scan-camera").hidden = !navigator.mediaDevices?.getUserMedia;
piece("scan-camera").addEventListener("click", look);
document.documentElement.dataset.ready = "scan";
