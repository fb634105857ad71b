// Passkeys: <button data-passkey-make="id"> makes one, <button data-passkey-get="id"> uses one, with the options of
// #passkey-data; <button data-passkey-login="id"> asks the server for them first. The answer goes into the field with
// that id, and its form is sent.
(() => {
  const options = () => JSON.parse(document.getElementById("passkey-data").textContent);
  const asked = async (form) => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return (await answer.json()).request_options;
  };
  const acts = {
    passkeyMake: async () => webauthnJSON.create(options().creation_options),
    passkeyGet: async () => webauthnJSON.get(options().request_options),
    passkeyLogin: async (form) => webauthnJSON.get(await asked(form)),
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const act = button && Object.keys(acts).find((name) => name in button.dataset);
    if (!act) return;
    const field = document.getElementById(button.dataset[act]);
    const wrong = field.form.querySelector("[data-passkey-error]");
    wrong.hidden = true;
    button.disabled = true;
    try {
      field.value = JSON.stringify(await acts[act](field.form));
      field.form.submit();
    } catch {
      wrong.hidden = false; // refused, timed out, or no such key: the person decides what to do
    } finally {
      button.disabled = false;
    }
  });
})();
