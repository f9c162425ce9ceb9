// select.js: CSS shows the action bar with :has(); this only counts, clears, and picks ranges with Shift.
const boxes = (pane) => [...pane.querySelectorAll('.msg-pick input, .row-pick input')];
let last = null;

function count(pane) {
  const out = pane?.querySelector('[data-selected]');
  if (out) out.textContent = boxes(pane).filter((box) => box.checked).length;
}

document.addEventListener('click', (event) => {
  const pane = event.target.closest('.pane');
  if (event.target.closest('[data-clear]')) {
    for (const box of boxes(pane)) box.checked = false;
    count(pane);
  } else if (event.target.matches('.msg-pick input, .row-pick input')) {
    const all = boxes(pane);
    if (event.shiftKey && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = event.target;
    count(pane);
  }
});

document.addEventListener('htmx:afterSettle', () => document.querySelectorAll('.pane').forEach(count));
document.querySelectorAll('.pane').forEach(count);
