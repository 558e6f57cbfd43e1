/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
(() => {
  const table = document.getElementById('runs'), body = table.tBodies[0], rows = [...body.rows];
  const q = document.getElementById('q'), told = document.getElementById('qn');
  let order = null;
  const value = (tr, i) => { const cell = tr.cells[i]; return cell.dataset.v === undefined ? cell.textContent.toLowerCase() : +cell.dataset.v; };
  function draw() {
    const word = q.value.toLowerCase();
    const shown = rows.filter((tr) => tr.textContent.toLowerCase().includes(word));
    if (order) shown.sort((a, b) => { const x = value(a, order.at), y = value(b, order.at); return (x < y ? -1 : x > y ? 1 : 0) * (order.down ? -1 : 1); });
    body.replaceChildren(...shown);
    told.textContent = word ? shown.length + ' of ' + rows.length : '';
  }
  [...table.tHead.rows[0].cells].forEach((th, i) => {
    const button = document.createElement('button');
    button.textContent = th.textContent;
    th.replaceChildren(button);
    button.addEventListener('click', () => {
      order = { at: i, down: order && order.at === i ? !order.down : th.classList.contains('num') };
      [...th.parentNode.cells].forEach((other) => other.setAttribute('aria-sort', other !== th ? 'none' : order.down ? 'descending' : 'ascending'));
      draw();
    });
  });
  q.addEventListener('input', draw);
  document.getElementById('find').hidden = false;
  document.documentElement.dataset.ready = '1';
})();
