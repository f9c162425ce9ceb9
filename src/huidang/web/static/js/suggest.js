// suggest.js: a box that suggests while one types (ARIA combobox). Nothing is chosen unless an arrow was pressed, so
// Enter asks for what is written. While an input method composes, no key is ours.
const PAUSE_MS = 120;
let serial = 0;

class Suggesting {
  constructor(input) {
    this.input = input;
    this.prefix = input.dataset.suggest || '';
    this.list = document.createElement('div');
    this.list.className = 'pop suggest';
    this.list.id = `suggest-${serial += 1}`;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', input.getAttribute('aria-label'));
    this.list.hidden = true;
    input.closest('[data-suggest-box]').append(this.list);
    for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', this.list.id]]) {
      input.setAttribute(name, value);
    }
    this.at = -1;
    input.addEventListener('input', (event) => { if (!event.isComposing) this.later(); });
    input.addEventListener('compositionend', () => this.later());
    input.addEventListener('keydown', (event) => this.press(event));
    input.addEventListener('blur', () => this.close());
    this.list.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const option = event.target.closest('[role=option]');
      if (option) this.choose(option);
    });
  }

  get options() { return [...this.list.querySelectorAll('[role=option]')]; }

  later() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const typed = this.prefix + this.input.value.slice(0, this.input.selectionStart);
    this.asked = new AbortController();
    try {
      const answer = await fetch(`/search/suggestions?${new URLSearchParams({ q: typed.slice(-64) })}`, {
        signal: this.asked.signal,
        headers: { 'HX-Request': 'true' },
      });
      if (answer.status !== 200 || document.activeElement !== this.input) return;
      this.show(await answer.text());
    } catch (problem) {
      if (problem.name !== 'AbortError') this.close();
    }
  }

  show(options) {
    this.list.innerHTML = options;
    this.options.forEach((option, at) => { option.id = `${this.list.id}-${at}`; });
    this.list.hidden = !this.options.length;
    this.input.setAttribute('aria-expanded', String(!this.list.hidden));
    this.move(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.move(-1);
  }

  move(at) {
    const { options } = this;
    this.at = at;
    options.forEach((option, place) => option.setAttribute('aria-selected', String(place === at)));
    if (at < 0) this.input.removeAttribute('aria-activedescendant');
    else {
      this.input.setAttribute('aria-activedescendant', options[at].id);
      options[at].scrollIntoView({ block: 'nearest' });
    }
  }

  press(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { options } = this;
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !open) this.ask();
    else if (step) this.move(((this.at + 1 + step + options.length + 1) % (options.length + 1)) - 1);
    else if (event.key === 'Enter' && open && this.at >= 0) this.choose(options[this.at]);
    else if (event.key === 'Tab' && open && !event.shiftKey) this.choose(options[Math.max(0, this.at)]);
    else if (event.key === 'Escape' && open) this.close();
    else return;
    event.preventDefault();
  }

  choose(option) {
    const { insert, kind } = option.dataset;
    this.close();
    if (this.prefix) {
      const value = insert.slice(insert.indexOf(':') + 1);
      this.input.value = value.startsWith('"') ? value.slice(1, -1) : value;
      return;
    }
    const before = this.input.value.slice(0, this.input.selectionStart);
    const after = this.input.value.slice(this.input.selectionStart);
    const start = before.search(/\S*$/);
    const sign = /^[-－(（]*/.exec(before.slice(start))[0];
    const told = new CustomEvent('suggest:chosen', {
      bubbles: true,
      cancelable: true,
      detail: { insert, kind, label: option.querySelector('.pop-label').textContent, rest: before.slice(0, start) + after, sign },
    });
    if (!this.input.dispatchEvent(told)) return;
    this.input.value = before.slice(0, start) + sign + insert + after;
    const place = start + sign.length + insert.length;
    this.input.setSelectionRange(place, place);
    if (kind === 'operator') this.ask();
  }
}

for (const input of document.querySelectorAll('[data-suggest]')) new Suggesting(input);
