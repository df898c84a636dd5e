// Looks for new messages every two seconds; without it the page has a link that does the same.
(function () {
  "use strict";
  var list = document.querySelector("[data-messages]");
  var said = document.querySelector("[data-said]");
  if (!list || !window.fetch) { return; }
  var busy = false;
  // What a person types into a prompt is not swapped away.
  function isTyping() {
    var field = document.activeElement;
    return field && list.contains(field) && field.value;
  }
  function look() {
    if (busy || document.hidden || isTyping()) { return; }
    busy = true;
    var seen = list.querySelector("[data-mark]");
    var mark = seen ? seen.getAttribute("data-mark") : "";
    fetch(list.getAttribute("data-messages") + "?seen=" + encodeURIComponent(mark))
      .then(function (answer) { return answer.status === 200 ? answer.text() : null; })
      .then(function (html) {
        if (html !== null) {
          list.innerHTML = html;
          if (said) { said.textContent = list.querySelector(".prompt") ? "M-PESA asks for your PIN." : "A new message came in."; }
        }
        document.documentElement.removeAttribute("data-away");
      })
      .catch(function () { document.documentElement.setAttribute("data-away", "true"); })
      .then(function () { busy = false; });
  }
  window.setInterval(look, 2000);
  document.addEventListener("visibilitychange", look);
}());
