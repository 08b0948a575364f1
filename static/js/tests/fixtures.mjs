// Owns the small menu that the tests order from.

export const burger = {
  id: "cheese", category: "burgers", name: "Le Cheese King", description: "", picture: "",
  price_cents: 1150, available: true, allergens: [],
  groups: [
    { id: "cooking", name: "Cuisson", min: 1, max: 1,
      choices: [{ id: "rare", name: "Saignant", price_cents: 0 },
        { id: "done", name: "À point", price_cents: 0 }] },
    { id: "sauces", name: "Sauces", min: 0, max: 2,
      choices: ["ketchup", "white", "algerian"].map((id) => ({ id, name: id, price_cents: 0 })) },
    { id: "formula", name: "Formule", min: 0, max: 1,
      choices: [{ id: "menu", name: "Menu", price_cents: 450 }] },
  ],
};
export const cola = {
  id: "cola", category: "drinks", name: "Cola", description: "", picture: "",
  price_cents: 280, available: true, allergens: [], groups: [],
};
export const menu = { categories: [], products: [burger, cola] };
export const [cooking, sauces] = burger.groups;
