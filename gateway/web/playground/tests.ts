// The tests that go with a program: a row for each, with what it reads and what it should write.

import { byId, create } from "./dom";
import { Test } from "./program";

/** No request may have more. */
const MAX_TESTS = 1000;

export class Tests {
    readonly #list = byId<HTMLOListElement>("tests");
    readonly #add = byId<HTMLButtonElement>("test-add");
    readonly #onChange: () => void;

    constructor(onChange: () => void) {
        this.#onChange = onChange;
        this.#add.addEventListener("click", () => {
            this.#list.append(this.#row({ name: "", stdin: "", expected: "" }));
            this.#changed();
            fieldsOf(this.#list.lastElementChild!)[1].focus();
        });
    }

    get tests(): Test[] {
        return [...this.#list.children].map((row) => {
            const [name, stdin, expected] = fieldsOf(row);
            return { name: name.value, stdin: stdin.value, expected: expected.value };
        });
    }

    set tests(tests: Test[]) {
        this.#list.replaceChildren(...tests.slice(0, MAX_TESTS).map((test) => this.#row(test)));
        this.#number();
    }

    #changed(): void {
        this.#number();
        this.#onChange();
    }

    /** The ids follow the order: a refusal names the field `tests[2].stdin`. */
    #number(): void {
        for (const [index, row] of [...this.#list.children].entries()) {
            const number = index + 1;
            const [name, stdin, expected] = fieldsOf(row);
            name.placeholder = `Test ${number}`;
            label(name, index, "name", `Name of test ${number}`);
            label(stdin, index, "stdin", `Input of test ${number}`);
            label(expected, index, "expected_stdout", `Expected output of test ${number}`);
            row.querySelector("button")!.setAttribute("aria-label", `Remove test ${number}`);
        }
        this.#add.disabled = this.#list.childElementCount >= MAX_TESTS;
    }

    #row({ name, stdin, expected }: Test): HTMLLIElement {
        const remove = create("button", { type: "button", className: "ghost", textContent: "Remove" });
        const row = create(
            "li",
            {},
            create("div", {}, create("input", { type: "text", value: name, maxLength: 128 }), remove),
            create("textarea", { rows: 2, value: stdin, placeholder: "Input", spellcheck: false }),
            create("textarea", { rows: 2, value: expected, placeholder: "Expected output", spellcheck: false }),
        );
        remove.addEventListener("click", () => {
            row.remove();
            this.#changed();
            this.#add.focus();
        });
        return row;
    }
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function fieldsOf(row: Element): [HTMLInputElement, HTMLTextAreaElement, HTMLTextAreaElement] {
    return [...row.querySelectorAll("input, textarea")] as [
        HTMLInputElement,
        HTMLTextAreaElement,
        HTMLTextAreaElement,
    ];
}

function label(field: Field, index: number, member: string, words: string): void {
    field.id = `test-${index}-${member}`;
    field.setAttribute("aria-label", words);
}
