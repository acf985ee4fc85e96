// Requests to the sandbox, and small helpers that every part of the page uses.

export async function call(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(sentence(answer) || `The sandbox answered ${response.status}.`);
  // What went wrong before is over once something has been done.
  if (method !== "GET") byId("notice").hidden = true;
  return answer;
}

function sentence(answer) {
  if (typeof answer.detail === "string") return answer.detail;
  return answer.error && answer.error.message;
}

// Everything that comes from outside goes in as text, never as markup.
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "data") Object.assign(node.dataset, value);
    else if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export const byId = (id) => document.getElementById(id);

export function setText(id, text) {
  const node = byId(id);
  if (node.textContent !== text) node.textContent = text;
}

export const money = (amount) =>
  "Rs " + Number(amount).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const count = (number) => Number(number).toLocaleString("en");

let hiding;
export function notice(text) {
  const node = byId("notice");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { node.hidden = true; }, 6000);
}

// For event handlers: what goes wrong is shown, not swallowed.
export const shown = (action) => async (...given) => {
  try {
    return await action(...given);
  } catch (error) {
    notice(error.message);
    return undefined;
  }
};

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
