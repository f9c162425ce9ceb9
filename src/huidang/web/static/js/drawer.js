// drawer.js: forms that htmx puts into the drawer open as a dialog; closing gives the focus back. Without a script the
// same link opens a page.
const drawer = document.getElementById('drawer');

if (drawer) {
  document.addEventListener('htmx:afterSwap', (event) => {
    if (event.detail.target !== drawer || !drawer.childElementCount) return;
    if (!drawer.open) drawer.showModal();
    drawer.querySelector('[aria-invalid=true], textarea, input:not([type=hidden])')?.focus();
  });
  drawer.addEventListener('click', (event) => {
    if (event.target !== drawer && !event.target.closest('[data-drawer-close]')) return;
    event.preventDefault();
    drawer.close();
  });
  drawer.addEventListener('close', () => drawer.replaceChildren());
  document.addEventListener('drawer-done', () => drawer.close());
}
