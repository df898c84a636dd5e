/* Passkeys: hands the browser's own dialog what the server asked, and the form what it answered. */
(() => {
  "use strict";
  const forms = document.querySelectorAll("form[data-passkey]");
  const missing = () => document.querySelectorAll("[data-no-passkey]").forEach((el) => { el.hidden = false; });
  if (!window.PublicKeyCredential) {
    missing();
    return;
  }

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (char) => char.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function asked(form) {
    const wish = JSON.parse(form.dataset.options).publicKey;
    const key = { ...wish, challenge: bytes(wish.challenge) };
    if (wish.user) key.user = { ...wish.user, id: bytes(wish.user.id) };
    if (wish.allowCredentials) key.allowCredentials = listed(wish.allowCredentials);
    if (wish.excludeCredentials) key.excludeCredentials = listed(wish.excludeCredentials);
    return key;
  }

  function written(made) {
    const { response } = made;
    const said = { clientDataJSON: text(response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (response[name]) said[name] = text(response[name]);
    return JSON.stringify({
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: said,
      clientExtensionResults: made.getClientExtensionResults(),
    });
  }

  forms.forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      navigator.credentials[form.dataset.passkey]({ publicKey: asked(form) }).then(
        (made) => {
          form.elements.credential.value = written(made);
          form.requestSubmit();
        },
        () => form.querySelector("button").focus(), // the person closed the dialog: everything stays as it was
      );
    });
  });
})();
