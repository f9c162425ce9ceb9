// copy.js: a button that copies the field beside it; without a script the field can be selected by hand.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand('copy');  // plain HTTP inside the house has no clipboard
    }
    button.querySelector('span').textContent = button.dataset.copied;
  });
}
