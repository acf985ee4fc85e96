// The phone: what the gateway accepted, from every sheet and program, newest first. There is no delivery report.
import { byId, element, money, setText } from "./api.js";

const KEPT = 200;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const FIRST_LETTER = /\p{L}/u;

export class Inbox {
  constructor() {
    this.box = byId("inbox");
    const tick = () => setText("clock", clock(new Date()).slice(0, 5));
    tick();
    setInterval(tick, 5000);
  }

  show(messages, replace) {
    if (replace) this.box.replaceChildren();
    this.box.querySelector(".quiet")?.remove();
    const fresh = messages.slice(-KEPT).reverse().map((message) => bubble(message, !replace));
    const stays = this.box.scrollTop > 40;
    const height = this.box.scrollHeight;
    this.box.prepend(...fresh);
    while (this.box.childElementCount > KEPT) this.box.lastElementChild.remove();
    // Somebody who reads further down is not moved.
    if (stays) this.box.scrollTop += this.box.scrollHeight - height;
    if (!this.box.childElementCount) {
      this.box.append(element("p", { className: "quiet", textContent: "No message yet. What the gateway accepts arrives here." }));
    }
  }
}

function bubble(message, isNew) {
  const parts = `${message.parts} ${message.parts === 1 ? "part" : "parts"}`;
  const footer = element("footer", {},
    element("span", { textContent: parts }),
    element("span", { textContent: message.encoding }),
    element("span", { textContent: money(message.price) }));
  if (message.fault) {
    const title = "The message was accepted, but the answer was spoiled by a fault that was switched on.";
    footer.append(element("span", { className: "trouble", textContent: message.fault, title }));
  }
  footer.append(element("span", { className: "id", textContent: message.message_id }));
  return element("article", { className: isNew ? "message new" : "message" },
    element("header", {},
      element("b", { textContent: message.mask }),
      element("span", { textContent: `to ${message.to}` }),
      element("time", { textContent: clock(new Date(message.time)), dateTime: message.time })),
    element("p", { textContent: message.text, dir: direction(message.text) }),
    footer);
}

function direction(text) {
  return RIGHT_TO_LEFT.test(text.match(FIRST_LETTER)?.[0] ?? "") ? "rtl" : "ltr";
}

// The phone is in Pakistan, wherever the browser is: what it shows is what stands in the sheet's column Sent At.
function clock(date) {
  return date.toLocaleTimeString("en-GB", { timeZone: "Asia/Karachi" });
}
