// panel.js: on wide screens the details panel opens and closes in place; elsewhere `#details` shows it.
const wide = matchMedia('(min-width: 85em)');

document.addEventListener('click', (event) => {
  const panel = document.querySelector('.pane-details');
  if (!panel || !wide.matches || !event.target.closest('[data-details], [data-details-close]')) return;
  event.preventDefault();
  panel.hidden = !panel.hidden;
  document.cookie = `details=${panel.hidden ? 'closed' : 'open'};path=/;max-age=31536000;samesite=lax`;
});
