// The API key, where the gateway asks for one. Kept for this tab only, and never in a link.

import { byId } from "./dom";

const STORED = "mayfly.key";
const dialog = byId<HTMLDialogElement>("key");
const input = byId<HTMLInputElement>("key-input");
const complaint = byId("key-complaint");
const forget = byId<HTMLButtonElement>("key-forget");

forget.hidden = !apiKey();
forget.addEventListener("click", () => store(""));
byId("key-cancel").addEventListener("click", () => dialog.close());

/** Empty where none was entered. */
export function apiKey(): string {
    return sessionStorage.getItem(STORED) ?? "";
}

let asking: Promise<boolean> | undefined;

/** Ask for a key; whether one was given. Who asks while the dialog is open gets the same answer. */
export function askForKey(): Promise<boolean> {
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
}

function ask(): Promise<boolean> {
    complaint.textContent = apiKey() ? "The gateway does not accept the key that was entered." : "";
    input.value = "";
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => resolve(taken()), { once: true });
    });
}

function taken(): boolean {
    const given = dialog.returnValue === "use" && input.value.trim() !== "";
    if (given) store(input.value.trim());
    input.value = "";
    return given;
}

function store(key: string): void {
    if (key) sessionStorage.setItem(STORED, key);
    else sessionStorage.removeItem(STORED);
    forget.hidden = !key;
}
