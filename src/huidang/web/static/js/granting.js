// granting.js: the department is asked for only where a role is given over one.
for (const where of document.querySelectorAll('select[name=where]')) {
  const field = where.form.querySelector('[data-where]');
  const show = () => { field.hidden = !field.dataset.where.split(' ').includes(where.value); };
  where.addEventListener('change', show);
  show();
}

// One box ticks the whole page, and the form says how many are ticked.
const boxes = (name) => [...document.querySelectorAll(`td input[name=${name}]`)];

function count() {
  for (const said of document.querySelectorAll('[data-picked]')) {
    const picked = boxes(said.dataset.picked).filter((box) => box.checked).length;
    if (picked) said.textContent = said.dataset.said.replace('0', picked);
  }
}

for (const all of document.querySelectorAll('[data-pick-all]')) {
  all.hidden = false;
  all.addEventListener('change', () => {
    for (const box of boxes(all.dataset.pickAll)) box.checked = all.checked;
  });
}
document.addEventListener('change', count);
count();
