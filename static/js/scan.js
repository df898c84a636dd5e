/* Reads a payment code with the camera where the browser can; the text field beside it always works. */
(() => {
  "use strict";
  const box = document.getElementById("scan");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const video = box.querySelector("video");
  const words = box.querySelector("p");
  const field = document.getElementById("id_to");
  let stream = null;

  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
  };

  async function look(detector) {
    if (!stream) return;
    const [found] = await detector.detect(video);
    if (!found) {
      setTimeout(() => look(detector), 200);
      return;
    }
    stop();
    words.textContent = "";
    field.value = found.rawValue;
    field.form.querySelector("[name=amount]").focus();
  }

  async function start() {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      words.textContent = box.dataset.refused;
      field.focus();
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    words.textContent = box.dataset.look;
    await video.play();
    look(new window.BarcodeDetector({ formats: ["qr_code"] }));
  }

  box.hidden = false;
  box.querySelector("button").addEventListener("click", start);
  window.addEventListener("pagehide", stop);
})();
