// query.js: a condition that was chosen stands as a chip beside the text; Backspace at the beginning takes it back.
const box = document.querySelector('[data-query]');
const template = document.getElementById('chip');

function add(insert, label) {
  const chip = template.content.firstElementChild.cloneNode(true);
  chip.dataset.chip = insert;
  chip.classList.toggle('op-not', insert.startsWith('-'));
  chip.querySelector('input').value = insert;
  chip.querySelector('.op-val').textContent = label;
  box.before(chip);
}

function takeBack(chip) {
  box.value = `${chip.dataset.chip} ${box.value}`.trimEnd();
  box.setSelectionRange(chip.dataset.chip.length, chip.dataset.chip.length);
  chip.remove();
}

box?.addEventListener('suggest:chosen', (event) => {
  const { insert, kind, label, rest, sign } = event.detail;
  if (kind === 'operator' || !/^[-－]?$/.test(sign)) return;
  event.preventDefault();
  const name = insert.slice(0, insert.indexOf(':') + 1);
  add((sign && '-') + insert, `${sign && '-'}${name} ${label}`);
  box.value = rest.trim();
});

box?.addEventListener('keydown', (event) => {
  const chips = document.querySelectorAll('.query-box [data-chip]');
  if (event.key !== 'Backspace' || event.isComposing || box.selectionEnd || !chips.length) return;
  event.preventDefault();
  takeBack(chips[chips.length - 1]);
});

document.querySelector('.query-box')?.addEventListener('click', (event) => {
  const gone = event.target.closest('button.op-x');
  if (!gone) return;
  gone.closest('[data-chip]').remove();
  box.focus();
});

// An opened chip is edited at once; Enter in its field applies it.
for (const menu of document.querySelectorAll('.op-edit')) {
  menu.addEventListener('toggle', () => { if (menu.open) menu.querySelector('.op-pop :is(input, select)').focus(); });
}
