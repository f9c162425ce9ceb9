// passkeys.js: lets a key answer the server's question, then sends the form as any other. Without WebAuthn, or where
// the house is asked for by a number instead of a name, the forms stay hidden.
const numeric = /^[\d.]+$|:/.test(location.hostname);
const able = window.isSecureContext && !numeric && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

async function ask(form) {
  const answer = await fetch(form.dataset.passkey, { method: 'POST', body: new FormData(form) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.refusal);
  const { publicKey } = told;
  return form.dataset.makes
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

for (const form of able ? document.querySelectorAll('form[data-passkey]') : []) {
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const said = form.querySelector('[role=alert]');
    try {
      const made = await ask(form);
      form.elements.answer.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (error) {
      said.textContent = error instanceof DOMException ? form.dataset.failed : error.message;
      said.hidden = false;
    }
  });
}
