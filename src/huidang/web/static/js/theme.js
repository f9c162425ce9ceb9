// theme.js: the form would reload the page; with a script the change is instant and the cookie is set here.
// Without a choice the system setting applies.
const root = document.documentElement;
const isDark = () => root.dataset.theme
  ? root.dataset.theme === 'dark'
  : matchMedia('(prefers-color-scheme: dark)').matches;

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-theme-form]')) return;
  event.preventDefault();
  root.dataset.theme = isDark() ? 'light' : 'dark';
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax${secure}`;
});
