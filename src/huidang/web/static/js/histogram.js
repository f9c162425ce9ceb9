// histogram.js: a range of days is drawn over the bars with mouse or finger, or moved by its two handles with the arrow
// keys. Both fill the dates below, which do the same without a script.
function attend(drawing, form) {
  const bars = [...drawing.querySelectorAll('a[data-first]')];
  const brush = drawing.querySelector('.brush');
  const handles = { first: drawing.querySelector('[data-edge=first]'), last: drawing.querySelector('[data-edge=last]') };
  const width = 1160 / bars.length;
  const inside = bars.flatMap((bar, at) => (bar.querySelector('.in') && !brush.hasAttribute('hidden') ? [at] : []));
  let chosen = inside.length ? [inside[0], inside[inside.length - 1]] : [0, bars.length - 1];
  let begun = null;

  const show = () => {
    const [first, last] = chosen;
    brush.removeAttribute('hidden');
    brush.setAttribute('x', first * width);
    brush.setAttribute('width', (last - first + 1) * width);
    handles.first.setAttribute('x', first * width - 3);
    handles.last.setAttribute('x', (last + 1) * width - 3);
    handles.first.setAttribute('aria-valuenow', first);
    handles.last.setAttribute('aria-valuenow', last);
    handles.first.setAttribute('aria-valuetext', bars[first].dataset.first);
    handles.last.setAttribute('aria-valuetext', bars[last].dataset.last);
    bars.forEach((bar, at) => bar.lastElementChild.previousElementSibling.classList.toggle('in', at >= first && at <= last));
    bars.forEach((bar, at) => bar.lastElementChild.previousElementSibling.classList.toggle('out', at < first || at > last));
    form.elements.first.value = bars[first].dataset.first;
    form.elements.last.value = bars[last].dataset.last;
  };

  const barAt = (event) => {
    const field = drawing.getBoundingClientRect();
    return Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - field.left) / field.width) * bars.length)));
  };

  drawing.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    const edge = event.target.dataset.edge;
    const at = barAt(event);
    begun = { at: edge ? chosen[edge === 'first' ? 1 : 0] : at, moved: Boolean(edge), x: event.clientX };
  });
  window.addEventListener('pointermove', (event) => {
    if (!begun || (!begun.moved && Math.abs(event.clientX - begun.x) < 4)) return;
    if (!begun.moved) drawing.setPointerCapture?.(event.pointerId);
    begun.moved = true;
    const at = barAt(event);
    chosen = [Math.min(begun.at, at), Math.max(begun.at, at)];
    show();
  });
  window.addEventListener('pointerup', () => {
    const drawn = begun?.moved;
    begun = null;
    if (drawn) form.requestSubmit();
  });
  window.addEventListener('pointercancel', () => { begun = null; });
  drawing.addEventListener('dragstart', (event) => event.preventDefault());

  for (const [edge, handle] of Object.entries(handles)) {
    handle.removeAttribute('hidden');
    for (const [name, value] of [['role', 'slider'], ['tabindex', '0'], ['aria-valuemin', '0'], ['aria-valuemax', String(bars.length - 1)]]) {
      handle.setAttribute(name, value);
    }
    handle.setAttribute('aria-label', form.querySelector(`[for=days-${edge}]`).textContent);
    handle.addEventListener('keydown', (event) => {
      const side = edge === 'first' ? 0 : 1;
      const to = {
        ArrowLeft: chosen[side] - 1, ArrowRight: chosen[side] + 1, Home: 0, End: bars.length - 1,
        PageUp: chosen[side] - 10, PageDown: chosen[side] + 10,
      }[event.key];
      if (event.key === 'Enter') form.requestSubmit();
      else if (to === undefined) return;
      else {
        chosen[side] = Math.min(side ? bars.length - 1 : chosen[1], Math.max(side ? chosen[0] : 0, to));
        show();
      }
      event.preventDefault();
    });
  }
  const [first, last] = [form.elements.first.value, form.elements.last.value];
  const narrowed = !brush.hasAttribute('hidden');
  show();
  brush.toggleAttribute('hidden', !narrowed);
  [form.elements.first.value, form.elements.last.value] = [first, last];
}

// The bars come after the hits.
let attended = null;
function look() {
  const drawing = document.querySelector('[data-histogram]');
  const form = document.querySelector('[data-days]');
  if (drawing && form && drawing !== attended) attend(attended = drawing, form);
}
document.addEventListener('htmx:afterSettle', look);
look();
