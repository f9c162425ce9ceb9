// toast.js: what was done is said and leaves by itself; where it can be undone it stays until it is closed.
for (const toast of document.querySelectorAll('.toast-stack .toast')) {
  const close = toast.querySelector('[data-close]');
  close.hidden = false;
  close.addEventListener('click', () => toast.remove());
  if (!toast.querySelector('form')) setTimeout(() => toast.remove(), 8000);
}
