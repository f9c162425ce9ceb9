// query.js: a box ticked among the facets is a new search; without a script the button under them does it.
document.addEventListener('change', (event) => {
  if (event.target.matches('[data-submits]')) event.target.form?.requestSubmit();
});
