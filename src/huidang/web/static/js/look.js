// look.js: counts down what is shown behind masks, hides it on the second, and asks the server for the masked page.
const ends = new WeakMap();
let running = false;

function tick() {
  const looks = [...document.querySelectorAll('[data-look]')];
  for (const look of looks) {
    if (!ends.has(look)) ends.set(look, Date.now() + Number(look.dataset.look) * 1000);
    const left = Math.max(0, Math.round((ends.get(look) - Date.now()) / 1000));
    const told = look.querySelector('[data-left]');
    told.hidden = false;
    told.querySelector('b').textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    if (!left) return over(look);
  }
  running = looks.length > 0;
  if (running) setTimeout(tick, 1000);
}

function over(look) {
  running = false;
  for (const bare of document.querySelectorAll('.mask[data-shown]')) bare.textContent = '••••';
  const { place } = look.dataset;
  look.remove();
  if (document.getElementById('reader')) window.htmx.ajax('GET', place, { target: '#reader', swap: 'outerHTML' });
  else location.assign(place);
}

const start = () => { if (!running) tick(); };
start();
document.addEventListener('htmx:afterSettle', start);
window.addEventListener('pageshow', start);
