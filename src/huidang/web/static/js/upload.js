// upload.js: files can be dropped on the frame, and their names are shown before they are sent.
const frame = document.querySelector('[data-drop]');
const input = frame?.querySelector('input[type=file]');
const list = frame?.querySelector('[data-files]');

function show() {
  list.replaceChildren(...[...input.files].map((file) => {
    const item = document.createElement('li');
    item.textContent = `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`;
    return item;
  }));
}

if (frame && input && list) {
  input.addEventListener('change', show);
  for (const name of ['dragover', 'dragleave', 'drop']) {
    frame.addEventListener(name, (event) => {
      event.preventDefault();
      frame.toggleAttribute('data-over', name === 'dragover');
      if (name !== 'drop') return;
      input.files = event.dataTransfer.files;
      show();
    });
  }
}
