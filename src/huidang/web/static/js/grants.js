// grants.js: the department is asked for only where a role is given over one.
for (const where of document.querySelectorAll('select[name=where]')) {
  const field = where.form.querySelector('[data-where]');
  const show = () => { field.hidden = !field.dataset.where.split(' ').includes(where.value); };
  where.addEventListener('change', show);
  show();
}
