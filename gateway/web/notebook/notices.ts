// What must not be missed: each notice stays until it is dismissed, or no longer true. A screen reader reads it at once.

import { byId, create } from "../playground/dom";
import { Tone } from "./model";

const host = byId("notices");
const notices = new Map<string, HTMLElement>();

export interface Notice {
    tone: Tone;
    words: string;
    action?: { label: string; act: () => void };
}

/** Show a notice in the place of an earlier one of this name. */
export function notify(name: string, { tone, words, action }: Notice): void {
    withdraw(name);
    const element = create("div", { className: "notice" }, create("p", { textContent: words }));
    element.dataset.tone = tone;
    element.dataset.name = name;
    if (action) {
        const button = create("button", { type: "button", className: "quiet-button", textContent: action.label });
        button.addEventListener("click", action.act);
        element.append(button);
    }
    const dismiss = create("button", { type: "button", className: "ghost", textContent: "Dismiss" });
    dismiss.addEventListener("click", () => withdraw(name));
    element.append(dismiss);
    notices.set(name, element);
    host.append(element);
}

export function withdraw(name: string): void {
    const notice = notices.get(name);
    const hadFocus = notice?.contains(document.activeElement);
    notice?.remove();
    notices.delete(name);
    if (hadFocus) document.querySelector<HTMLElement>(".cell.selected")?.focus();
}
