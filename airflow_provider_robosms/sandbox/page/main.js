// Puts the page together. It asks several times a second what has changed.
import { byId, call, count, money, pause, setText, shown } from "./api.js";
import { Drawer } from "./drawer.js";
import { Inbox } from "./inbox.js";
import { SheetView } from "./sheet.js";

const inbox = new Inbox();
const drawer = new Drawer();
const sheet = new SheetView();

let seen = -1;
let before = "";

// Asks what is new for as long as somebody looks at the page.
async function follow() {
  for (;;) {
    try {
      if (!document.hidden) show(await call("GET", `/sandbox/news?after=${seen}`));
    } catch {
      live(false);
    }
    await pause(250);
  }
}

function show({ state, messages, replace, sheets, google_faults: googleFaults }) {
  live(true);
  seen = state.counts.accepted;
  const now = JSON.stringify([state, sheets, googleFaults]);
  if (now === before) return;
  before = now;
  setText("balance", money(state.balance));
  setText("rate", money(state.rate));
  setText("affordable", state.parts_affordable === null ? "any number" : `${count(state.parts_affordable)} parts`);
  setText("accepted", `${count(state.counts.accepted)} accepted in all, ${money(state.spent)}`);
  if (replace || messages.length) inbox.show(messages, replace);
  drawer.show(state, googleFaults);
  sheet.price(state.rate);
  sheet.show(sheets);
}

function live(on) {
  const node = byId("live");
  node.dataset.on = on ? "yes" : "no";
  node.textContent = on ? "live" : "not connected";
}

byId("top-up").addEventListener("submit", (event) => {
  event.preventDefault();
  shown(() => call("POST", "/sandbox/top-up", { amount: byId("top-up-amount").value.trim() }))();
});

follow();
