// keys.js: one key for every daily action that exists. Never while typing or composing with an IME.
const typing = (el) => el.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]');
const click = (selector) => document.querySelector(selector)?.click();

document.addEventListener('click', (event) => {
  const box = document.getElementById(event.target.closest('[data-open]')?.dataset.open);
  if (box && !box.open) box.showModal();
});

function walk(step) {
  const rows = [...document.querySelectorAll('.pane-list .row-link, .hit')];
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement);
  const at = now >= 0 ? now + step : rows.findIndex((row) => row.ariaCurrent === 'true') + step;
  rows[Math.min(rows.length - 1, Math.max(0, at))].focus();
}

function search() {
  const box = document.querySelector('[data-query]');
  if (box) {
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  } else click('.rail-find');
}

const actions = {
  '?': () => document.getElementById('keys')?.showModal(),
  '/': search,
  j: () => walk(1),
  k: () => walk(-1),
  u: () => click('[data-back]'),
  i: () => click('[data-details]'),
  e: () => click(document.querySelector('.msg-pick :checked') ? '[data-pick-excerpt]' : '[data-excerpt]'),
  x: () => document.activeElement.closest('.row, .msg')?.querySelector('.row-pick input, .msg-pick input')?.click(),
  n: () => click('[data-next-hit]'),
  p: () => click('[data-previous-hit]'),
  '[': () => click('[data-previous-result]'),
  ']': () => click('[data-next-result]'),
};

document.addEventListener('keydown', (event) => {
  if (event.isComposing || document.querySelector('dialog[open]')) return;
  const find = document.querySelector('[data-find] input[type=search]');
  const opener = document.querySelector('[data-find-open]');
  if ((event.ctrlKey || event.metaKey) && event.key === 'f' && (opener || find) && document.activeElement !== find) {
    event.preventDefault();
    if (find) find.select();
    else opener.click();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// Escape closes the top layer: an open menu, then the details overlay, then leaves the field.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented || document.querySelector('dialog[open]')) return;
  const menu = document.querySelector('details.menu[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (location.hash === '#details' || location.hash === '#rail') location.hash = '';
  else if (typing(event.target)) event.target.blur();
});

// A menu closes when the reader goes elsewhere.
document.addEventListener('pointerdown', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
