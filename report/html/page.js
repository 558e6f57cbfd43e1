/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
(() => {
  const D = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const SUBJECTS = ['the program’s folder', 'outside the folder', 'interpreter’s files', 'streams, descriptors', 'memory', 'waiting',
    'threads, processes', 'network', 'other'];
  const FOLDER = 0, OUTSIDE = 1, INTERP = 2, STREAM = 3;
  const HIDE = 1, DENY = 2, WAIT = 5;
  const DECISIONS = ['allowed', 'hidden', 'refused', 'killed'];

  /* ---------------------------------------------------------------- text: the log's, so by text nodes only */
  function el(tag, cls, ...kids) {
    const e = document.createElement(tag);
    if (cls) e.className = cls;
    for (const kid of kids) if (kid !== null && kid !== undefined) e.append(kid); /* a text becomes a text node */
    return e;
  }
  const mono = (text) => el('bdi', 'm', text);
  const num = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  const plural = (n, one) => num(n) + ' ' + one + (n === 1 ? '' : 's');
  function dur(ns) {
    for (const [unit, one] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
      if (ns >= one) { const v = ns / one; return v.toFixed(v >= 100 ? 0 : v >= 10 ? 1 : 2) + '\u202f' + unit; }
    return Math.round(ns) + '\u202fns';
  }
  function size(n) {
    if (!n) return '';
    for (const [unit, one] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 1024]])
      if (n >= one) return (n / one).toFixed(n / one >= 100 ? 0 : 1) + '\u202f' + unit;
    return n + '\u202fB';
  }

  /* ---------------------------------------------------------------- columns */
  const [cName, cWhat, cErr, cPath, cCode, cNode, cPhase, cSubject, cN, cAll, cGot, cPut, cViol, cBroker] = D.cells;
  const cNs = cAll.map((ns, c) => ns - cBroker[c]); /* what was not proctor's */
  const CELLS = cN.length;
  const [kSeq, kT, kNs, kLane, kCell, kArgs, kRet] = D.calls;
  const CALLS = kSeq.length;
  for (let i = 1; i < CALLS; i++) { kSeq[i] += kSeq[i - 1]; kT[i] += kT[i - 1]; }
  const [nParent, nFrame] = D.nodes;
  const names = D.names, paths = D.paths, frames = D.frames;
  const mask = new Uint8Array(CELLS).fill(1);
  let filtered = false, asked = [];
  const place = (code) => code < 0 ? '' : frames[code][0] + ':' + frames[code][1];
  const atSeq = (seq) => { let a = 0, b = CALLS; while (a < b) { const m = (a + b) >> 1; kSeq[m] < seq ? a = m + 1 : b = m; } return kSeq[a] === seq ? a : -1; };

  /* ---------------------------------------------------------------- filter */
  const lower = { name: names.map((s) => s.toLowerCase()), path: paths.map((p) => p[0].toLowerCase()), frame: frames.map((f) => (f[0] + ':' + f[1] + ' ' + f[2]).toLowerCase()) };
  function parse(text) {
    return (text.match(/(?:[a-z]+:)?"[^"]*"|\S+/gi) || []).map((word) => {
      const not = word[0] === '-' && word.length > 1;
      if (not) word = word.slice(1);
      const m = /^(path|line|call|is|in|error):(.*)$/i.exec(word);
      let value = (m ? m[2] : word).replace(/"/g, '').toLowerCase();
      const key = m ? m[1].toLowerCase() : '';
      if (key === 'line') {
        const r = /^(?:(.*):)?(\d+)(?:-(\d+))?$/.exec(value);
        value = r ? { file: r[1] || '', from: +r[2], to: +(r[3] || r[2]) } : null;
      }
      return { key, value, not };
    });
  }
  function matches(term, c) {
    const v = term.value, name = lower.name[cName[c]], path = cPath[c] < 0 ? '' : lower.path[cPath[c]], code = cCode[c];
    switch (term.key) {
      case 'path': return path.includes(v);
      case 'call': return name === v || (v.endsWith('*') && name.startsWith(v.slice(0, -1)));
      case 'error': return D.errnos[cErr[c]].toLowerCase().includes(v);
      case 'in': return code >= 0 && lower.frame[code].includes(v);
      case 'line': return v && code >= 0 && frames[code][3] === 0 && frames[code][1] >= v.from && frames[code][1] <= v.to && (!v.file || frames[code][0].toLowerCase().endsWith(v.file));
      case 'is':
        return { refused: cWhat[c] >= DENY, hidden: cWhat[c] === HIDE, allowed: cWhat[c] === 0, error: cErr[c] && D.errnos[cErr[c]] !== '', outside: cPath[c] >= 0 && paths[cPath[c]][1] === OUTSIDE,
          startup: cPhase[c] === 0, program: cPhase[c] === 1, waiting: cSubject[c] === WAIT }[v] || false;
      default: return name.includes(v) || path.includes(v) || (code >= 0 && lower.frame[code].includes(v));
    }
  }
  const views = [];
  function applyFilter(text) {
    const terms = asked = parse(text);
    filtered = terms.length > 0;
    let n = 0, ns = 0;
    for (let c = 0; c < CELLS; c++) {
      mask[c] = terms.every((t) => matches(t, c) !== t.not) ? 1 : 0;
      if (mask[c]) { n += cN[c]; ns += cNs[c]; }
    }
    $('qn').textContent = filtered ? plural(n, 'call') + ', ' + dur(ns) : '';
    for (const view of views) view();
  }
  const q = $('q');
  $('filter').hidden = false;
  let pending = 0;
  q.addEventListener('input', () => { clearTimeout(pending); pending = setTimeout(() => applyFilter(q.value), 90); });
  q.addEventListener('keydown', (e) => { if (e.key === 'Escape') { q.value = ''; applyFilter(''); q.blur(); } });
  $('filter').addEventListener('submit', (e) => e.preventDefault());
  document.addEventListener('keydown', (e) => {
    if (e.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && !e.ctrlKey && !e.metaKey) { e.preventDefault(); q.focus(); q.select(); }
  });
  const setFilter = (text) => { q.value = text; applyFilter(text); };

  /* ---------------------------------------------------------------- one call, looked at */
  const inspector = $('inspector');
  let before = null;
  function inspect(i, focus) {
    const c = kCell[i], code = cCode[c], errno = D.errnos[cErr[c]];
    inspector.textContent = '';
    const close = el('button', 'close', 'Close');
    close.addEventListener('click', closeInspector);
    const [prev, next] = [el('button', '', '← previous'), el('button', '', 'next →')];
    prev.disabled = i === 0; next.disabled = i === CALLS - 1;
    prev.addEventListener('click', () => show(i - 1)); next.addEventListener('click', () => show(i + 1));
    const list = el('dl');
    const row = (k, ...v) => list.append(el('dt', '', k), el('dd', '', ...v));
    const tag = el('span', 'tag t-' + ['allowed', 'hidden', 'refused', 'refused'][cWhat[c]], DECISIONS[cWhat[c]]);
    row('call', mono(names[cName[c]] + '(' + kArgs[i] + ')'));
    row('result', mono(errno || (kRet[i] === null ? 'never returned' : kRet[i])), ' ', tag);
    if (cPath[c] >= 0) row('path', mono(paths[cPath[c]][0]));
    row('at', dur(kT[i]), el('span', 'dim', ' after the start'));
    row('took', dur(kNs[i]));
    row('thread', String(D.threads[kLane[i]][0]), D.threads[kLane[i]][5] ? el('span', 'dim', ' ', mono(D.threads[kLane[i]][5])) : '');
    if (code >= 0) {
      const link = el('a', '', mono(place(code)));
      link.href = '#' + lineAnchor(code);
      row('line', link, ' in ', mono(frames[code][2] + '()'));
    }
    row('like it', plural(cN[c], 'call'), ', ', dur(cNs[c]));
    inspector.append(close, el('h3', '', '#' + kSeq[i]), prev, ' ', next, list);
    const stack = [];
    for (let n = cNode[c]; n > 0; n = nParent[n]) stack.push(frames[nFrame[n]]);
    if (stack.length) {
      const ol = el('ol');
      for (const f of stack) ol.append(el('li', f[3] === 0 ? '' : 'dim', mono(f[0] + ':' + f[1]), ' ' + f[2]));
      inspector.append(el('p', 'dim', 'Python stack, innermost first'), ol);
    }
    if (inspector.hidden) before = document.activeElement;
    inspector.hidden = false;
    if (focus) close.focus({ preventScroll: true });
    selected = i; drawTime();
    $('say').textContent = '#' + kSeq[i] + ' ' + names[cName[c]] + ' ' + DECISIONS[cWhat[c]] + ' ' + (code >= 0 ? place(code) : '');
  }
  function show(i) {
    inspect(i, inspector.contains(document.activeElement));
    history.replaceState(null, '', '#seq-' + kSeq[i]);
  }
  function closeInspector() { inspector.hidden = true; selected = -1; drawTime(); if (before && before.isConnected) before.focus({ preventScroll: true }); }
  document.addEventListener('keydown', (e) => { if (e.key === 'Escape' && !inspector.hidden) closeInspector(); });
  function lineAnchor(code) {
    const f = D.files.indexOf(frames[code][0]);
    return f < 0 ? 'source' : (f === 0 ? 'L' : 'F' + f + '-L') + frames[code][1];
  }
  function onHash() {
    const m = /^#seq-(\d+)$/.exec(location.hash);
    if (m && !$('seq-' + m[1])) { const i = atSeq(+m[1]); if (i >= 0) inspect(i, false); }
    const target = location.hash.length > 1 && $(location.hash.slice(1));
    if (target) { const box = target.closest('details'); if (box && !box.open) { box.open = true; target.scrollIntoView(); } }
  }
  addEventListener('hashchange', onHash);

  /* ---------------------------------------------------------------- refusals under the filter */
  const acts = [...document.querySelectorAll('.act')];
  const cellOfSeq = (seq) => { const i = atSeq(seq); return i < 0 ? -1 : kCell[i]; };
  const actCells = D.acts.map((a) => a.map(cellOfSeq));
  views.push(() => {
    if (filtered) document.querySelectorAll('.further').forEach((d) => { d.open = true; });
    acts.forEach((node) => { node.hidden = filtered && !actCells[+node.dataset.act].some((c) => c >= 0 && mask[c]); });
  });

  /* ---------------------------------------------------------------- source: a line and its calls */
  document.querySelectorAll('.src').forEach((table) => table.classList.add('on'));
  const fileOfFrame = frames.map((f) => f[3] === 0 ? D.files.indexOf(f[0]) : -1);
  const byLine = new Map();
  for (let c = 0; c < CELLS; c++) if (cCode[c] >= 0 && fileOfFrame[cCode[c]] >= 0) {
    const key = fileOfFrame[cCode[c]] + ':' + frames[cCode[c]][1];
    byLine.has(key) ? byLine.get(key).push(c) : byLine.set(key, [c]);
  }
  const firstOfCell = new Int32Array(CELLS).fill(-1);
  for (let i = CALLS - 1; i >= 0; i--) firstOfCell[kCell[i]] = i;
  function lineDetail(cells) {
    const groups = new Map();
    for (const c of cells) {
      if (!mask[c] || !cN[c]) continue; /* no call: what another one copied to that path */
      const key = cName[c] + ' ' + cPath[c] + ' ' + cWhat[c] + ' ' + cErr[c];
      const g = groups.get(key) || groups.set(key, { c, n: 0, ns: 0, first: 1 << 30 }).get(key);
      g.n += cN[c]; g.ns += cNs[c];
      if (firstOfCell[c] >= 0) g.first = Math.min(g.first, firstOfCell[c]);
    }
    const table = el('table'), rows = [...groups.values()].sort((a, b) => b.ns - a.ns);
    for (const g of rows.slice(0, 40)) {
      const c = g.c, tr = el('tr', '', el('td', '', mono(names[cName[c]])), el('td', '', '×\u2009' + num(g.n)), el('td', '', dur(g.ns)),
        el('td', cWhat[c] >= DENY ? 'x-r' : cWhat[c] === HIDE ? 'x-h' : 'dim', cWhat[c] ? DECISIONS[cWhat[c]] : D.errnos[cErr[c]] || ''), el('td', '', cPath[c] >= 0 ? mono(paths[cPath[c]][0]) : ''));
      if (g.first < CALLS) { const a = el('a', 'seq', '#' + kSeq[g.first]); a.href = '#seq-' + kSeq[g.first]; a.addEventListener('click', (e) => { e.preventDefault(); inspect(g.first, true); }); tr.append(el('td', '', a)); }
      table.append(tr);
    }
    if (rows.length > 40) table.append(el('tr', '', el('td', 'dim', 'and ' + num(rows.length - 40) + ' more')));
    return rows.length ? table : el('span', 'dim', 'No calls from this line itself.');
  }
  function toggleLine(tr) {
    if (tr.classList.contains('open')) { tr.nextSibling.remove(); tr.classList.remove('open'); return; }
    const td = el('td', '', lineDetail(byLine.get(tr.dataset.file + ':' + tr.dataset.line) || []));
    td.colSpan = tr.cells.length;
    const only = el('button', '', 'Filter everything by this line');
    only.addEventListener('click', () => setFilter('line:' + tr.dataset.line));
    td.append(el('div', 'tools', only));
    tr.after(el('tr', 'detail', td));
    tr.classList.add('open');
  }
  document.querySelectorAll('.src tbody').forEach((body) => {
    body.addEventListener('click', (e) => {
      const tr = e.target.closest('tr[data-line]');
      if (!tr || String(getSelection())) return;
      if (e.target.closest('a')) { e.preventDefault(); history.replaceState(null, '', '#' + tr.id); }
      toggleLine(tr);
    });
    body.addEventListener('keydown', (e) => {
      const tr = e.target.closest('tr[data-line]');
      if (!tr || !/^Arrow(Up|Down)$/.test(e.key)) return;
      let to = tr;
      do to = e.key === 'ArrowUp' ? to.previousElementSibling : to.nextElementSibling; while (to && !(to.dataset.line && byLine.has(to.dataset.file + ':' + to.dataset.line)));
      if (to) { e.preventDefault(); to.querySelector('a').focus(); }
    });
  });
  views.push(() => {
    const on = new Set();
    if (filtered) for (let c = 0; c < CELLS; c++) if (mask[c] && cCode[c] >= 0 && fileOfFrame[cCode[c]] >= 0) on.add(fileOfFrame[cCode[c]] + ':' + frames[cCode[c]][1]);
    if (filtered) for (const s of sampled) if (s.own >= 0 && fileOfFrame[s.own] >= 0 && matchesAll(s)) on.add(fileOfFrame[s.own] + ':' + frames[s.own][1]);
    document.querySelectorAll('.src tr[data-line]').forEach((tr) => tr.classList.toggle('off', filtered && !on.has(tr.dataset.file + ':' + tr.dataset.line)));
  });

  /* ---------------------------------------------------------------- files */
  const openRows = new Set(['g0', 'g1', 'g3']);
  function fileTree() {
    const groups = [[OUTSIDE, 'Outside the folder', ''], [FOLDER, 'The program’s folder', D.folder], [STREAM, 'Streams', ''], [INTERP, 'The interpreter’s own files', '']];
    const roots = groups.map(([zone, label, base]) => ({ id: 'g' + zone, label, base, zone, kids: new Map(), v: [0, 0, 0, 0, 0, 0, 0], group: true, files: 0 }));
    const per = new Map();
    for (let c = 0; c < CELLS; c++) {
      if (!mask[c] || cPath[c] < 0) continue;
      const v = per.get(cPath[c]) || per.set(cPath[c], [0, 0, 0, 0, 0, 0, 0]).get(cPath[c]);
      v[0] += cN[c];
      if (cWhat[c] >= DENY) v[1] += cN[c]; else if (cWhat[c] === HIDE) v[2] += cN[c]; else if (D.errnos[cErr[c]] === 'ENOENT') v[3] += cN[c];
      v[4] += cGot[c]; v[5] += cNs[c]; v[6] += cPut[c];
    }
    for (const [p, v] of per) {
      const [text, zone] = paths[p], root = roots.find((r) => r.zone === zone);
      if (!root) continue;
      const rest = root.base && text.startsWith(root.base) ? text.slice(root.base.length) : text;
      let at = root;
      const parts = zone === STREAM ? [text] : rest.split('/').filter(Boolean);
      if (!parts.length) parts.push('(itself)'); else if (zone !== STREAM && !root.base) parts[0] = '/' + parts[0];
      root.files++;
      for (let i = 0; i < 7; i++) at.v[i] += v[i];
      for (const part of parts) {
        let kid = at.kids.get(part);
        if (!kid) at.kids.set(part, kid = { id: at.id + '/' + part, label: part, kids: new Map(), v: [0, 0, 0, 0, 0, 0, 0] });
        for (let i = 0; i < 7; i++) kid.v[i] += v[i];
        at = kid;
      }
    }
    return roots.filter((r) => r.files);
  }
  function treeRow(node, depth, host) {
    let label = node.label === '…' ? '(other files here)' : node.label;
    while (!node.group && node.kids.size === 1) { const kid = node.kids.values().next().value; label += '/' + kid.label; node = { ...kid }; }
    const branch = node.kids.size > 0, open = branch && (openRows.has(node.id) || (filtered && depth < 8));
    const name = el('span', 'name', el('span', 'tw', branch ? (open ? '▾' : '▸') : ''), node.group ? label : mono(label + (branch ? '/' : '')));
    if (node.group) name.append(el('span', 'dim', '  ' + plural(node.files, 'path')), node.base ? el('span', 'dim', ' in ', mono(node.base)) : '');
    const v = node.v, cell = (text, cls) => el('span', cls || '', text);
    const row = el('div', 'row' + (node.group ? ' group' : ''), name, cell(num(v[0])), cell(v[1] ? num(v[1]) : '', 'x-r'), cell(v[2] ? num(v[2]) : '', 'x-h opt'), cell(v[3] ? num(v[3]) : '', 'x-f opt'), cell(size(v[4]), 'opt'), cell(size(v[6]), 'opt'), cell(dur(v[5])));
    row.style.setProperty('--d', depth);
    row.setAttribute('role', 'treeitem'); row.setAttribute('aria-level', depth + 1);
    row.tabIndex = -1; row.dataset.id = node.id;
    if (branch) row.setAttribute('aria-expanded', open);
    if (v[1]) row.classList.add('bad');
    host.append(row);
    if (open) {
      const kids = [...node.kids.values()].sort((a, b) => b.v[1] - a.v[1] || (b.kids.size > 0) - (a.kids.size > 0) || (a.label < b.label ? -1 : 1));
      kids.slice(0, 250).forEach((kid) => treeRow(kid, depth + 1, host));
      if (kids.length > 250) { const more = el('div', 'row', el('span', 'name dim', 'and ' + num(kids.length - 250) + ' more names')); more.style.setProperty('--d', depth + 1); host.append(more); }
    }
  }
  function drawTree(focusId) {
    const host = $('tree');
    host.textContent = '';
    host.className = 'tree js'; host.setAttribute('role', 'tree'); host.setAttribute('aria-label', 'Files');
    const head = el('div', 'row head', el('span', 'name', ''), el('span', '', 'calls'), el('span', '', 'refused'), el('span', 'opt', 'hidden'), el('span', 'opt', 'absent'), el('span', 'opt', 'read'), el('span', 'opt', 'written'), el('span', '', 'time'));
    head.style.setProperty('--d', 0); head.setAttribute('role', 'presentation');
    host.append(head);
    fileTree().forEach((root) => treeRow(root, 0, host));
    const rows = [...host.querySelectorAll('[role=treeitem]')];
    const at = rows.find((r) => r.dataset.id === focusId);
    (at || rows[0] || head).tabIndex = 0;
    if (at) at.focus({ preventScroll: true });
  }
  $('tree').addEventListener('click', (e) => { const row = e.target.closest('[aria-expanded]'); if (row && !String(getSelection())) flip(row); });
  function flip(row) { const id = row.dataset.id; openRows.has(id) ? openRows.delete(id) : openRows.add(id); drawTree(id); }
  $('tree').addEventListener('keydown', (e) => {
    const rows = [...$('tree').querySelectorAll('[role=treeitem]')], row = e.target.closest('[role=treeitem]'), at = rows.indexOf(row);
    if (at < 0) return;
    const state = row.getAttribute('aria-expanded');
    let to = null;
    if (e.key === 'ArrowDown') to = rows[at + 1]; else if (e.key === 'ArrowUp') to = rows[at - 1];
    else if (e.key === 'Home') to = rows[0]; else if (e.key === 'End') to = rows[rows.length - 1];
    else if (e.key === 'ArrowRight') { if (state === 'false') flip(row); else if (state) to = rows[at + 1]; }
    else if (e.key === 'ArrowLeft') { if (state === 'true') flip(row); else to = rows.slice(0, at).reverse().find((r) => +r.getAttribute('aria-level') < +row.getAttribute('aria-level')); }
    else if (e.key === 'Enter' || e.key === ' ') { if (state) flip(row); }
    else return;
    e.preventDefault();
    if (to) { row.tabIndex = -1; to.tabIndex = 0; to.focus(); }
  });
  views.push(() => drawTree());

  /* ---------------------------------------------------------------- timeline */
  const time = $('time');
  const LABEL = 92, LANE = 46, AXIS = 20;
  const lanesN = D.threads.length;
  const laneCalls = D.threads.map(() => []);
  for (let i = 0; i < CALLS; i++) laneCalls[kLane[i]].push(i);
  laneCalls.forEach((list) => list.sort((a, b) => kT[a] - kT[b]));
  const ribbons = laneCalls.map((list) => {
    const out = [];
    for (const i of list) {
      const code = cCode[kCell[i]], label = code >= 0 && frames[code][3] === 0 ? frames[code][2] : '';
      const last = out[out.length - 1];
      if (last && last.label === label) last.to = kT[i] + kNs[i]; else out.push({ label, from: kT[i], to: kT[i] + kNs[i] });
    }
    return out.filter((r) => r.label);
  });
  let view = [0, D.span], selected = -1, colours = {};
  const over = el('canvas'), lanes = el('canvas');
  over.id = 'over'; lanes.id = 'lanes';
  over.setAttribute('aria-hidden', 'true');
  lanes.tabIndex = 0; lanes.setAttribute('role', 'application');
  lanes.setAttribute('aria-label', 'Timeline. Plus and minus zoom, arrows pan, comma and full stop select a call, Enter opens it, R jumps to the next refusal, 0 shows all.');
  const buttons = [['+', 'Zoom in', () => zoom(.5)], ['−', 'Zoom out', () => zoom(2)], ['All', 'Show the whole run', () => setView(0, D.span)],
    ['Program', 'Without the start of Python', () => setView(D.program || 0, D.span)], ['Next refusal', '', () => nextRefusal()]];
  const bar = el('div', 'tools');
  for (const [text, title, act] of buttons) { const b = el('button', '', text); if (title) b.title = title; b.addEventListener('click', act); bar.append(b); }
  const where = el('span', 'dim');
  bar.append(where, el('span', 'dim keys', 'drag to move; wheel zooms once the chart is focused; keys + − ← → , . R 0'));
  const course = el('canvas'), U = D.usage;
  course.id = 'course';
  course.setAttribute('role', 'img');
  time.append(bar, over, course, lanes);
  const legend = el('ul', 'legend');
  const used = new Set(cSubject);
  SUBJECTS.forEach((text, s) => { if (used.has(s)) { const i = el('i'); i.style.background = 'var(--s' + s + ')'; legend.append(el('li', '', i, text)); } });
  for (const [text, v] of [['refused', 'refused'], ['hidden', 'hidden'], ...(D.bins.output.length ? [['output', 'ink']] : [])]) { const i = el('i', 'tick'); i.style.background = 'var(--' + v + ')'; legend.append(el('li', '', i, text)); }
  time.append(legend);
  
  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const k of ['paper', 'ink', 'soft', 'faint', 'rule', 'hair', 'sunk', 'refused', 'hidden', 'limit', 'mark', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8']) colours[k] = style.getPropertyValue('--' + k).trim();
    colours.font = '11px ' + style.getPropertyValue('--sans');
    colours.mono = '10.5px ' + style.getPropertyValue('--mono');
  }
  function context(canvas, height) {
    const ratio = Math.max(1, Math.min(3, devicePixelRatio || 1)), width = canvas.clientWidth || time.clientWidth || 800;
    canvas.style.height = height + 'px';
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) { canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio); }
    const g = canvas.getContext('2d');
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    return [g, width];
  }
    let overImage = null;
  function drawOver() {
    const [g, width] = context(over, 40), h = 40, left = LABEL, w = width - left - 4, room = Math.max(1, Math.floor(w / 2));
    /* whole bins per column, or the two grids beat against each other */
    const bins = D.thinned && !filtered ? Math.ceil(D.span / D.bins.width) : 0, group = Math.ceil(bins / room), cols = bins ? Math.ceil(bins / group) : room, cw = w / (bins ? bins / group : cols);
    const count = new Float64Array(cols), bad = new Uint8Array(cols);
    if (D.thinned && !filtered) {
      for (const flat of D.bins.lanes) { let slot = 0; for (let i = 0; i < flat.length; i += 3) { slot += flat[i]; const x = Math.min(cols - 1, Math.floor(slot / group)); flat[i + 1] === 9 ? bad[x] = 1 : count[x] += flat[i + 2]; } }
    } else for (let i = 0; i < CALLS; i++) if (mask[kCell[i]]) { const x = Math.min(cols - 1, Math.floor(kT[i] / D.span * cols)); count[x]++; if (cWhat[kCell[i]] >= DENY) bad[x] = 1; }
    const top = Math.max(1, ...count), many = bad.reduce((s, v) => s + v, 0) > cols * .12;
    for (let x = 0; x < cols; x++) {
      if (count[x]) { g.fillStyle = colours.s8; const y = Math.max(1, (h - 6) * Math.sqrt(count[x] / top)); g.fillRect(left + x * cw, h - y, cw * .8, y); }
      if (bad[x]) { g.fillStyle = colours.refused; g.fillRect(left + x * cw, 0, Math.max(2, cw), many ? 4 : h); }
    }
    const outs = D.bins.output;
    if (outs.length && !filtered) {
      let slot = 0;
      g.fillStyle = colours.ink;
      for (let i = 0; i < outs.length; i += 2) { slot += outs[i]; g.fillRect(left + Math.min(1, slot * D.bins.width / D.span) * w, h - 3, Math.max(2, D.bins.width / D.span * w), 3); }
    }
    const a = left + view[0] / D.span * w, b = left + view[1] / D.span * w;
    g.fillStyle = colours.paper; g.globalAlpha = .72; g.fillRect(left, 0, a - left, h); g.fillRect(b, 0, left + w - b, h); g.globalAlpha = 1;
    g.strokeStyle = colours.ink; g.strokeRect(a + .5, .5, Math.max(2, b - a - 1), h - 1);
    g.fillStyle = colours.soft; g.font = colours.font; g.fillText('whole run', 0, 24);
  }
  function drawLanes() {
    const [g, width] = context(lanes, AXIS + lanesN * LANE + 4), left = LABEL, w = width - left - 4, [a, b] = view, scale = w / (b - a);
    const X = (t) => left + (t - a) * scale;
    g.font = colours.font; g.textBaseline = 'alphabetic';
    let step = 10 ** Math.floor(Math.log10((b - a) / 6));
    for (const f of [1, 2, 5, 10]) if ((b - a) / (step * f) <= 8) { step *= f; break; }
    for (let t = Math.ceil(a / step) * step; t <= b; t += step) {
      const x = Math.round(X(t)) + .5;
      g.strokeStyle = colours.hair; g.beginPath(); g.moveTo(x, AXIS - 4); g.lineTo(x, AXIS + lanesN * LANE); g.stroke();
      g.fillStyle = colours.faint; if (x < left + w - 44) g.fillText(dur(t), x + 3, 12);
    }
    if (D.program !== null && D.program > a && D.program < b) {
      const x = Math.round(X(D.program)) + .5; g.strokeStyle = colours.soft; g.setLineDash([3, 3]); g.beginPath(); g.moveTo(x, AXIS - 8); g.lineTo(x, AXIS + lanesN * LANE); g.stroke(); g.setLineDash([]);
    }
    for (let l = 0; l < lanesN; l++) {
      const y = AXIS + l * LANE, thread = D.threads[l];
      g.fillStyle = colours.rule; g.fillRect(0, y + LANE - 1, width, .5);
      g.fillStyle = colours.ink; g.font = colours.font; g.fillText(thread[0] === D.main ? 'main' : thread[5] || 'thread ' + thread[0], 0, y + 18);
      g.fillStyle = colours.faint; g.fillText(plural(thread[3], 'call'), 0, y + 32);
      g.save(); g.beginPath(); g.rect(left, y, w, LANE); g.clip();
      g.fillStyle = colours.sunk; g.fillRect(X(thread[1]), y + 8, Math.max(1, (thread[2] - thread[1]) * scale), 20);
      if (D.thinned) {
        const flat = D.bins.lanes[l], per = new Map(), group = Math.max(1, Math.ceil(1 / (D.bins.width * scale))); let slot = 0, top = 1;
        for (let i = 0; i < flat.length; i += 3) { slot += flat[i]; if (flat[i + 1] === 9 || (slot + 1) * D.bins.width < a || slot * D.bins.width > b) continue; const key = Math.floor(slot / group); const col = per.get(key) || per.set(key, { n: 0, s: new Float64Array(9), w: 0 }).get(key); col.n += flat[i + 2]; col.s[flat[i + 1]] += flat[i + 2]; if (col.n > top) top = col.n; }
        const bw = D.bins.width * group * scale;
        for (const [key, col] of per) { const x = X(key * group * D.bins.width); let yy = y + 28; const full = 20 * Math.sqrt(col.n / top); for (let s = 0; s < 9; s++) if (col.s[s]) { const hh = full * col.s[s] / col.n; yy -= hh; g.fillStyle = colours['s' + s]; g.fillRect(x, yy, bw, hh); } }
      }
      const list = laneCalls[l];
      const ticks = [];
      const fine = !D.thinned || (b - a) < D.bins.width * 40;
      let lastX = -1, lastS = -1;
      for (const i of list) {
        if (kT[i] > b) break;
        if (kT[i] + kNs[i] < a) continue;
        const c = kCell[i], x = X(kT[i]), ww = Math.max(.8, kNs[i] * scale), s = cSubject[c];
        if (cWhat[c] && mask[c]) ticks.push(i);
        if (!fine && ww < 1.5) continue;
        const px = Math.floor(x * 2);
        if (ww < .9 && px === lastX && s === lastS) continue;
        lastX = px; lastS = s;
        g.globalAlpha = mask[c] ? 1 : .12;
        g.fillStyle = colours['s' + s];
        if (s === WAIT) g.fillRect(x, y + 16, ww, 4); else g.fillRect(x, y + 8, ww, 20);
        if (i === selected) { g.globalAlpha = 1; g.strokeStyle = colours.ink; g.lineWidth = 2; g.strokeRect(x - 1.5, y + 6.5, ww + 3, 23); g.lineWidth = 1; }
      }
      g.globalAlpha = 1;
      const crowd = ticks.length > w / 9;       /* too many to mark each at full height: a strip along the top */
      let lastTick = -9;
      for (const i of ticks) {
        const deny = cWhat[kCell[i]] >= DENY, x = X(kT[i]);
        if (crowd) { if (x - lastTick < 1) continue; lastTick = x; g.fillStyle = deny ? colours.refused : colours.hidden; g.fillRect(x - .5, y + 3, 1, 4); continue; }
        g.fillStyle = deny ? colours.refused : colours.hidden;
        if (deny) { g.fillRect(x - .75, y + 4, 1.8, 25); g.beginPath(); g.moveTo(x - 4, y + 1); g.lineTo(x + 4, y + 1); g.lineTo(x, y + 7); g.fill(); } else g.fillRect(x - .5, y + 24, 1, 5);
      }
      g.font = colours.mono;
      let free = -1;
      for (const r of ribbons[l]) {
        if (r.to < a || r.from > b) continue;
        const x = Math.max(left, X(r.from)), xx = Math.min(left + w, X(r.to));
        g.fillStyle = colours.hair; g.fillRect(x, y + 31, Math.max(.6, xx - x - .6), 12);
        const room = xx - x - 6;
        if (room > 24 && x > free) { const text = r.label, fit = Math.floor(room / 6.4); g.fillStyle = colours.soft; g.fillText(text.length <= fit ? text : text.slice(0, Math.max(1, fit - 1)) + '…', x + 3, y + 40.5); free = x + Math.min(room, text.length * 6.4); }
      }
      g.restore();
    }
    where.textContent = dur(a) + ' – ' + dur(b);
  }
  /* ---- what was used over time: a strip for each, above the lanes and with their scale */
  const STRIP = 30;
  const strips = [];
  if (U) {
    const share = (v) => (100 * v).toFixed(v < .1 ? 1 : 0) + '\u202f%', bytes = (v) => size(v) || '0';
    const strip = (name, at, values, text, colour) => strips.push({ name, at, values, top: Math.max(...values), text, colour });
    strip('processor', U.at, U.cpu.map((v, i) => i ? (v - U.cpu[i - 1]) / (U.at[i] - U.at[i - 1]) : Math.min(1, v / Math.max(1, U.at[0]))), share, 's0');
    strip('memory', U.at, U.memory, bytes, 's6');
    /* written so far; what came after the last look is in the total */
    if (U.output && U.end[1]) strip('output', U.at.concat(Math.max(U.end[0], U.at[U.at.length - 1] + 1)), U.output.concat(U.end[1]), bytes, 's3');
    course.setAttribute('aria-label', 'Over time: ' + strips.map((s) => s.name + ', at most ' + s.text(s.top) + ' at ' + dur(s.at[s.values.indexOf(s.top)])).join('; '));
  } else course.hidden = true;
  function drawCourse() {
    if (!strips.length) return;
    const [g, width] = context(course, strips.length * (STRIP + 6)), left = LABEL, w = width - left - 4, [a, b] = view, X = (t) => left + (t - a) / (b - a) * w;
    strips.forEach((s, k) => {
      const y = k * (STRIP + 6), limit = s.name === 'memory' && U.limit && U.limit < s.top * 2 ? U.limit : 0, top = Math.max(s.name === 'processor' ? 1 : 0, s.top, limit) || 1;
      g.fillStyle = colours.ink; g.font = colours.font; g.fillText(s.name, 0, y + 13);
      g.fillStyle = colours.faint; g.fillText('≤ ' + s.text(s.top), 0, y + 26);
      g.save(); g.beginPath(); g.rect(left, y, w, STRIP); g.clip();
      g.fillStyle = colours.sunk; g.fillRect(left, y, w, STRIP);
      g.fillStyle = colours[s.colour];
      for (let i = 0; i < s.at.length; i++) {
        const from = i ? s.at[i - 1] : 0;
        if (s.at[i] < a || from > b) continue;
        const h = s.values[i] / top * (STRIP - 2), x = X(from);
        g.fillRect(x, y + STRIP - h, X(s.at[i]) - x + .3, h);
      }
      if (limit) { const h = limit / top * (STRIP - 2); g.fillStyle = colours.limit; g.fillRect(left, y + STRIP - h, w, 1); }
      g.restore();
    });
  }
  course.addEventListener('pointermove', (e) => {
    const r = course.getBoundingClientRect(), t = view[0] + (e.clientX - r.left - LABEL) / (r.width - LABEL - 4) * (view[1] - view[0]);
    const s = strips[Math.floor((e.clientY - r.top) / (STRIP + 6))], i = s && t >= 0 ? s.at.findIndex((v) => v >= t) : -1;
    if (i < 0) { hideTip(); return; }
    showTip(e, el('b', '', s.name), ' ' + s.text(s.values[i]), el('br'), dur(i ? s.at[i - 1] : 0) + ' – ' + dur(s.at[i]), s.name === 'memory' && U.limit ? ', limit ' + size(U.limit) : '');
  });
  course.addEventListener('pointerleave', () => hideTip());
  let frame = 0;
  function drawTime() { if (!frame) frame = requestAnimationFrame(() => { frame = 0; drawOver(); drawCourse(); drawLanes(); }); }
  function setView(a, b) {
    const span = Math.max(2000, Math.min(D.span, b - a));
    a = Math.max(0, Math.min(D.span - span, a));
    view = [a, a + span]; drawTime();
  }
  function zoom(by, at) { const [a, b] = view, p = at === undefined ? (a + b) / 2 : at; setView(p - (p - a) * by, p - (p - a) * by + (b - a) * by); }
  const timeAt = (e) => { const r = lanes.getBoundingClientRect(); return view[0] + (e.clientX - r.left - LABEL) / (r.width - LABEL - 4) * (view[1] - view[0]); };
  function callAt(e) {
    const r = lanes.getBoundingClientRect(), l = Math.floor((e.clientY - r.top - AXIS) / LANE);
    if (l < 0 || l >= lanesN) return -1;
    const t = timeAt(e), slack = (view[1] - view[0]) / r.width * 4;
    let best = -1, score = Infinity;
    for (const i of laneCalls[l]) {
      if (kT[i] > t + slack) break;
      const end = kT[i] + kNs[i];
      if (end < t - slack || !mask[kCell[i]]) continue;
      const d = (t >= kT[i] && t <= end ? 0 : Math.min(Math.abs(t - kT[i]), Math.abs(t - end))) - (cWhat[kCell[i]] >= DENY ? slack * 2 : 0) + kNs[i] * 1e-6;
      if (d < score) { score = d; best = i; }
    }
    return best;
  }
  const tip = $('tip');
  function showTip(e, ...kids) {
    tip.textContent = ''; tip.append(...kids); tip.hidden = false;
    const r = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(innerWidth - r.width - 8, e.clientX + 14)) + 'px';
    tip.style.top = (e.clientY + 18 + r.height > innerHeight ? e.clientY - r.height - 12 : e.clientY + 18) + 'px';
  }
  const hideTip = () => { tip.hidden = true; };
  lanes.addEventListener('wheel', (e) => {
    if (document.activeElement !== lanes && !e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    if (Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey) { const d = (e.deltaX || e.deltaY) / lanes.clientWidth * (view[1] - view[0]); setView(view[0] + d, view[1] + d); }
    else zoom(Math.exp(e.deltaY * (e.ctrlKey ? .01 : .0022)), timeAt(e));
  }, { passive: false });
  let drag = null;
  lanes.addEventListener('pointerdown', (e) => { lanes.focus({ preventScroll: true }); drag = { x: e.clientX, a: view[0], b: view[1], moved: false }; lanes.setPointerCapture(e.pointerId); });
  lanes.addEventListener('pointermove', (e) => {
    if (drag) {
      const d = (drag.x - e.clientX) / (lanes.clientWidth - LABEL) * (drag.b - drag.a);
      if (Math.abs(drag.x - e.clientX) > 3) { drag.moved = true; lanes.classList.add('drag'); hideTip(); }
      if (drag.moved) setView(drag.a + d, drag.b + d);
      return;
    }
    const i = callAt(e);
    if (i < 0) { hideTip(); return; }
    const c = kCell[i], head = el('b', '', names[cName[c]]);
    showTip(e, head, ' ' + dur(kNs[i]) + ', #' + kSeq[i] + (cWhat[c] ? ', ' + DECISIONS[cWhat[c]] : ''), el('br'),
      cPath[c] >= 0 ? el('bdi', '', paths[cPath[c]][0].slice(0, 300)) : SUBJECTS[cSubject[c]], el('br'), cCode[c] >= 0 ? el('span', '', place(cCode[c]) + ' in ' + frames[cCode[c]][2] + '()') : '');
  });
  lanes.addEventListener('pointerup', (e) => { const d = drag; drag = null; lanes.classList.remove('drag'); if (d && !d.moved) { const i = callAt(e); if (i >= 0) show(i); } });
  lanes.addEventListener('pointerleave', hideTip);
  over.addEventListener('pointerdown', (e) => {
    const r = over.getBoundingClientRect(), at = (ev) => (ev.clientX - r.left - LABEL) / (r.width - LABEL - 4) * D.span, from = at(e);
    over.setPointerCapture(e.pointerId);
    const move = (ev) => { const to = at(ev); if (Math.abs(to - from) > D.span * .004) setView(Math.min(from, to), Math.max(from, to)); };
    over.addEventListener('pointermove', move);
    over.addEventListener('pointerup', (ev) => { over.removeEventListener('pointermove', move); if (Math.abs(at(ev) - from) <= D.span * .004) { const w = view[1] - view[0]; setView(from - w / 2, from + w / 2); } }, { once: true });
  });
  function center(i) { if (kT[i] < view[0] || kT[i] + kNs[i] > view[1]) { const w = view[1] - view[0]; setView(kT[i] - w / 2, kT[i] + w / 2); } }
  function step(by, test) { let i = selected < 0 ? (by > 0 ? -1 : CALLS) : selected; for (i += by; i >= 0 && i < CALLS; i += by) if (mask[kCell[i]] && (selected >= 0 || kT[i] >= view[0]) && (!test || test(i))) { center(i); inspect(i, false); return true; } return false; }
  function nextRefusal() { const deny = (i) => cWhat[kCell[i]] >= DENY; if (!step(1, deny)) { selected = -1; for (let i = 0; i < CALLS; i++) if (deny(i) && mask[kCell[i]]) { center(i); inspect(i, false); break; } } }
  lanes.addEventListener('keydown', (e) => {
    const w = view[1] - view[0];
    const act = { '+': () => zoom(.6), '=': () => zoom(.6), '-': () => zoom(1 / .6), 0: () => setView(0, D.span), ArrowLeft: () => setView(view[0] - w / 8, view[1] - w / 8), ArrowRight: () => setView(view[0] + w / 8, view[1] + w / 8),
      Home: () => setView(0, w), End: () => setView(D.span - w, D.span), '.': () => step(1), ',': () => step(-1), r: nextRefusal, R: nextRefusal, Enter: () => selected >= 0 && show(selected) }[e.key];
    if (act && !e.ctrlKey && !e.metaKey) { e.preventDefault(); act(); }
  });
  views.push(drawTime);

  /* ---------------------------------------------------------------- flame */
  const host = $('flames'), flame = el('div', 'flame');
  let weight = 'work', zoomed = 0, term = '', starts = false;
  const tools = el('div', 'tools'), pick = el('select'), find = el('input'), start = el('input'), result = el('span', 'dim'), reset = el('button', '', 'Whole graph');
  const measures = [['work', 'time in calls, without waiting'], ['ns', 'time in calls'], ['n', 'number of calls'], ['bad', 'refusals']];
  if (D.samples) measures.unshift(['samples', D.samples.wall ? 'samples: where it was' : 'samples: where it computes']);
  for (const [v, text] of measures) { const o = el('option', '', text); o.value = v; pick.append(o); }
  find.type = 'search'; find.placeholder = 'Find a function or file'; start.type = 'checkbox';
  find.setAttribute('aria-label', 'Find in the flame graph'); pick.setAttribute('aria-label', 'What the width means');
  tools.append(pick, find, el('label', '', start, ' with the start of Python'), reset, result);
  const flegend = el('ul', 'legend');
  for (const [k, text] of [['f0', 'the program'], ['f1', 'libraries'], ['f2', 'interpreter, no Python frame']]) { const i = el('i'); i.style.background = 'var(--' + k + ')'; flegend.append(el('li', '', i, text)); }
  host.append(tools, flame, flegend); flegend.classList.add('flame');
  const kids = nParent.map(() => []);
  for (let n = 1; n < nParent.length; n++) kids[nParent[n]].push(n);
  const merged = { list: [] };
  /* the stacks of a profile: the node that each ends in, how often, and the line of the program's own */
  const sampled = [];
  if (D.samples) {
    for (let i = 0, n = 0; i < D.samples.at.length; i += 2) { n += D.samples.at[i]; sampled.push({ n, w: D.samples.at[i + 1], own: ownFrame(n) }); }
    if (D.samples.unread) sampled.push({ n: 0, w: D.samples.unread, own: -1 });
  }
  function ownFrame(n) { for (; n > 0; n = nParent[n]) if (frames[nFrame[n]][3] === 0) return nFrame[n]; return -1; }
  /* under the filter: a sample is of no call, so that only a place can be asked of it */
  const matchesAll = (s) => !filtered || asked.every((t) => matchesSample(t, s.own) !== t.not);
  function matchesSample(term, own) {
    if (!['', 'in', 'line'].includes(term.key) || own < 0) return false;
    const v = term.value;
    if (term.key !== 'line') return lower.frame[own].includes(v);
    return v && frames[own][1] >= v.from && frames[own][1] <= v.to && (!v.file || frames[own][0].toLowerCase().endsWith(v.file));
  }
  function build() {
    /* nodes are merged by function, not by line, so that a loop is one box */
    const root = { name: '', origin: 2, w: 0, n: 0, bad: 0, kids: new Map(), parent: null };
    const at = new Array(nParent.length);
    at[0] = root;
    const get = (n) => {
      if (at[n]) return at[n];
      const up = get(nParent[n]), f = frames[nFrame[n]];
      const importing = /^<frozen (importlib|zipimport)/.test(f[0]) || (f[3] === 2 && up.name === 'import');
      if (importing && up.name === 'import') { up.lines.add(f[1]); return at[n] = up; }
      const name = importing ? 'import' : f[2] === '<module>' ? f[0].slice(f[0].lastIndexOf('/') + 1) : f[2], file = importing ? '<frozen importlib>' : f[0], key = name + '\0' + file;
      let node = up.kids.get(key);
      if (!node) up.kids.set(key, node = { name, file, lines: new Set(), origin: f[3] === 0 ? 0 : file.startsWith('<') ? 2 : 1, w: 0, n: 0, bad: 0, kids: new Map(), parent: up });
      node.lines.add(f[1]);
      return at[n] = node;
    };
    const without = () => root.kids.get('\0none') || root.kids.set('\0none', { name: 'no Python frame', file: '', lines: new Set(), origin: 2, w: 0, n: 0, bad: 0, kids: new Map(), parent: root }).get('\0none');
    if (weight === 'samples') {
      for (const s of sampled) {
        if ((!starts && s.own < 0 && s.n) || !matchesAll(s)) continue;
        const node = get(s.n);
        for (let p = node === root ? without() : node; p; p = p.parent) { p.w += s.w; p.n += s.w; }
      }
      return root;
    }
    for (let c = 0; c < CELLS; c++) {
      if (!mask[c] || (!starts && cPhase[c] === 0 && D.program !== null)) continue;
      if (weight === 'work' && cSubject[c] === WAIT) continue;
      const w = weight === 'n' ? cN[c] : weight === 'bad' ? cViol[c] : cNs[c];
      let node = get(cNode[c]);
      if (node === root) node = without();
      const leafKey = '\0call' + cName[c];
      let leaf = node.kids.get(leafKey);
      if (!leaf) node.kids.set(leafKey, leaf = { name: names[cName[c]], file: '', call: true, lines: new Set(), origin: 3, w: 0, n: 0, bad: 0, kids: new Map(), parent: node });
      for (let p = leaf; p; p = p.parent) { p.w += w; p.n += cN[c]; p.bad += cViol[c]; }
    }
    return root;
  }
  const amount = (w) => weight === 'n' ? plural(w, 'call') : weight === 'bad' ? plural(w, 'refusal') : weight === 'samples' ? plural(w, 'sample') : dur(w);
  const pathOf = (node) => { const out = []; for (let p = node; p.parent; p = p.parent) out.push(p.name + '\0' + p.file); return out.reverse(); };
  let zoomPath = [];
  function drawFlame(focus) {
    const root = build(), total = root.w || 1;
    let top = root;
    for (const key of zoomPath) { const kid = [...top.kids.values()].find((k) => k.name + '\0' + k.file === key); if (!kid) { zoomPath = []; top = root; break; } top = kid; }
    flame.textContent = '';
    merged.list = []; merged.total = total;
    const needle = term.toLowerCase();
    let hit = 0, deepest = 0, boxes = 0;
    const chain = [];
    for (let p = top.parent; p; p = p.parent) chain.unshift(p);
    const box = (node, x, w, depth, cls) => {
      const b = el('button', 'o' + node.origin + cls + (node.bad && node.call ? ' bad' : '') + (needle && (node.name + ' ' + node.file).toLowerCase().includes(needle) ? ' hit' : ''));
      b.type = 'button'; b.tabIndex = -1;
      b.style.left = x * 100 + '%'; b.style.width = w * 100 + '%'; b.style.top = depth * 20 + 'px';
      if (w > .012) b.append(node.parent ? node.name : 'all ' + amount(node.w));
      b.setAttribute('aria-label', (node.parent ? node.name : 'all') + ', ' + amount(node.w) + ', ' + (100 * node.w / total).toFixed(1) + ' %' + (node.bad ? ', ' + plural(node.bad, 'refusal') : ''));
      b.node = node; flame.append(b); merged.list.push(b);
      deepest = Math.max(deepest, depth); boxes++;
      return b;
    };
    chain.forEach((node, i) => box(node, 0, 1, i, ' up'));
    const rec = (node, x, w, depth, inHit) => {
      if (w < .0012 || boxes > 2500 || depth > 90) return;
      const is = needle && (node.name + ' ' + node.file).toLowerCase().includes(needle);
      if (is && !inHit) hit += node.w;
      box(node, x, w, depth, '');
      let at = x;
      [...node.kids.values()].sort((a, b) => b.w - a.w || (a.name < b.name ? -1 : 1)).forEach((kid) => { const kw = top.w ? kid.w / top.w : 0; if (kid.w) rec(kid, at, kw, depth + 1, inHit || is); at += kw; });
    };
    if (root.w) rec(top, 0, 1, chain.length, false);
    flame.style.height = (deepest + 1) * 20 + 'px';
    reset.hidden = !zoomPath.length;
    result.textContent = !root.w ? 'nothing to show here' : needle ? (100 * hit / (top.w || 1)).toFixed(1) + ' % matched' : top !== root ? (100 * top.w / total).toFixed(1) + ' % of all' : '';
    const first = merged.list[chain.length];
    if (first) { first.tabIndex = 0; if (focus) first.focus({ preventScroll: true }); }
  }
  flame.addEventListener('click', (e) => { const b = e.target.closest('button'); if (b) { zoomPath = pathOf(b.node); drawFlame(true); } });
  flame.addEventListener('keydown', (e) => {
    const b = e.target.closest('button');
    if (!b) return;
    const sib = b.node.parent ? merged.list.filter((x) => x.node.parent === b.node.parent) : [b];
    let to = null;
    if (e.key === 'ArrowDown') to = merged.list.find((x) => x.node.parent === b.node);
    else if (e.key === 'ArrowUp') to = merged.list.find((x) => x.node === b.node.parent);
    else if (e.key === 'ArrowRight') to = sib[sib.indexOf(b) + 1];
    else if (e.key === 'ArrowLeft') to = sib[sib.indexOf(b) - 1];
    else if (e.key === 'Escape' && zoomPath.length) { zoomPath = []; drawFlame(true); return; }
    else return;
    e.preventDefault();
    if (to) { b.tabIndex = -1; to.tabIndex = 0; to.focus({ preventScroll: true }); }
  });
  flame.addEventListener('pointermove', (e) => {
    const b = e.target.closest('button');
    if (!b) { hideTip(); return; }
    const n = b.node, lines = [...n.lines].sort((x, y) => x - y);
    showTip(e, el('b', '', n.parent ? n.name : 'all'), ' ' + amount(n.w) + (weight === 'samples' ? ', ' + (100 * n.w / (merged.total || 1)).toFixed(1) + '\u202f%' : ', ' + plural(n.n, 'call')) + (n.bad ? ', ' + plural(n.bad, 'refusal') : ''), n.file ? el('br') : '', n.file ? el('bdi', '', n.file + ':' + lines.slice(0, 8).join(', ') + (lines.length > 8 ? '…' : '')) : '');
  });
  flame.addEventListener('pointerleave', hideTip);
  pick.value = weight = sampled.length ? 'samples' : D.span && D.stacks ? 'work' : 'n';
  pick.addEventListener('change', () => { weight = pick.value; drawFlame(); });
  find.addEventListener('input', () => { term = find.value; drawFlame(); });
  start.addEventListener('change', () => { starts = start.checked; drawFlame(); });
  reset.addEventListener('click', () => { zoomPath = []; drawFlame(true); });
  views.push(() => drawFlame());

  /* ---------------------------------------------------------------- table of calls */
  const table = $('systable'), body = table.tBodies[0], whole = [...body.rows];
  let order = { at: 5, down: true };
  const value = (tr, i) => i === 0 ? tr.cells[0].textContent : +tr.cells[i].dataset.v;
  const sum = (v, cls, text) => { const td = el('td', cls, text === undefined ? (v ? num(v) : '') : text); td.dataset.v = v; return td; };
  function filteredRows() {
    const sums = new Map();
    for (let c = 0; c < CELLS; c++) if (mask[c]) { const s = sums.get(cName[c]) || sums.set(cName[c], [0, 0, 0, 0, 0, 0]).get(cName[c]); s[0] += cN[c]; if (D.errnos[cErr[c]]) s[1] += cN[c]; if (cWhat[c] >= DENY) s[2] += cN[c]; if (cWhat[c] === HIDE) s[3] += cN[c]; s[4] += cAll[c]; s[5] += cBroker[c]; }
    return [...sums].map(([n, s]) => {
      const th = el('th', '', mono(names[n]));
      th.scope = 'row';
      return el('tr', '', th, sum(s[0]), sum(s[1]), sum(s[2], 'x-r'), sum(s[3], 'x-h'), sum(s[4], 'tb', dur(s[4])), sum(s[4] / s[0], '', dur(s[4] / s[0])), sum(s[5], 'dim', s[5] ? dur(s[5]) : ''));
    });
  }
  function drawTable() {
    const rows = filtered ? filteredRows() : whole.slice();
    rows.sort((a, b) => { const x = value(a, order.at), y = value(b, order.at); return (x < y ? -1 : x > y ? 1 : value(a, 0) < value(b, 0) ? -1 : 1) * (order.down ? -1 : 1); });
    body.textContent = '';
    body.append(...rows);
    [...table.tHead.rows[0].cells].forEach((th, i) => th.setAttribute('aria-sort', i !== order.at ? 'none' : order.down ? 'descending' : 'ascending'));
  }
  [...table.tHead.rows[0].cells].forEach((th, i) => {
    const b = el('button', '', th.textContent);
    th.textContent = ''; th.append(b);
    b.addEventListener('click', () => { order = { at: i, down: order.at === i ? !order.down : i !== 0 }; drawTable(); });
  });
  body.addEventListener('click', (e) => { const th = e.target.closest('th'); if (th && !String(getSelection())) setFilter('call:' + th.textContent); });
  views.push(drawTable);

  /* ---------------------------------------------------------------- the page itself */
  const links = [...document.querySelectorAll('.bar a')];
  if (window.IntersectionObserver) {
    const seen = new IntersectionObserver((entries) => entries.forEach((e) => { if (e.isIntersecting) links.forEach((a) => a.getAttribute('href') === '#' + e.target.id ? a.setAttribute('aria-current', 'true') : a.removeAttribute('aria-current')); }), { rootMargin: '-20% 0px -70% 0px' });
    document.querySelectorAll('main > section').forEach((s) => seen.observe(s));
  }
  const redraw = () => { readColours(); drawTime(); };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  const printNow = () => { readColours(); drawOver(); drawCourse(); drawLanes(); };
  matchMedia('print').addEventListener('change', printNow);
  addEventListener('beforeprint', () => { document.querySelectorAll('#source details, #refusals details.further, details.modules').forEach((d) => { d.open = true; }); });
  addEventListener('resize', drawTime);
  readColours();
  applyFilter('');
  if (D.program && D.program > D.span * .5) setView(Math.max(0, D.program - D.span * .02), D.span);
  onHash();
  document.documentElement.dataset.ready = '1';
})();
