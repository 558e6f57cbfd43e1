/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a program and shows what comes back. Every text that comes back was chosen by a program: it goes into the page
 * by textContent alone. */
"use strict";

const MOST_LINES = 2000;
const at = (id) => document.getElementById(id);

function cells(row, texts) {
	for (const text of texts)
		row.insertCell().textContent = text ?? "";
	return row;
}

function fill(body, rows) {
	body.replaceChildren();
	for (const texts of rows)
		cells(body.insertRow(), texts);
}

const seconds = (ns) => (ns / 1e9).toFixed(3) + " s";
const mebibytes = (bytes) => (bytes / 1048576).toFixed(1) + " MiB";

function limitText(limit) {
	const show = { cpu: seconds, wall: seconds, memory: mebibytes, output: mebibytes }[limit.name] ?? String;
	return `${limit.name}: ${show(limit.used)} of ${show(limit.value)}`;
}

function exitText(exit) {
	return exit.signal ?? (exit.code === null ? "it did not start" : `status ${exit.code}`);
}

function showFigures(told) {
	const rows = [
		["ended by", told.cause.kind + (told.cause.certain ? "" : " (not certain)")],
		["exit", exitText(told.exit)],
		["CPU time", seconds(told.cpu_ns) + (told.user_ns === null ? "" : `, ${seconds(told.user_ns)} of it in user mode`)],
		["elapsed time", seconds(told.wall_ns)],
		["memory", mebibytes(told.memory_bytes)],
		["threads", String(told.tasks_peak)],
		["calls refused", String(told.violations)],
	];
	if (told.limit)
		rows.push(["limit", limitText(told.limit)]);
	const subjects = Object.entries(told.by_subject).filter(([, count]) => count > 0);
	if (subjects.length)
		rows.push(["about", subjects.map(([name, count]) => `${name} ${count}`).join(", ")]);
	fill(at("figures"), rows);
}

function showRefusals(refusals) {
	at("refusals").hidden = refusals.length === 0;
	at("no-refusals").hidden = refusals.length > 0;
	fill(at("refusals").tBodies[0], refusals.map((one) =>
		[one.place, String(one.count), one.call ? `${one.call}: ${one.message}` : one.message, one.fix]));
}

/* The source with what is known from outside; the program's own profiler has its table elsewhere. */
function showLines(program, told) {
	const lines = program.split(/\r\n|\r|\n/);
	const samples = new Map(told.profile?.lines ?? []);
	const refused = new Set(told.refusals.map((one) => /^solve[.]py:(\d+)$/.exec(one.place ?? "")?.[1]).filter(Boolean).map(Number));
	const body = at("lines").tBodies[0];
	body.replaceChildren();
	lines.slice(0, MOST_LINES).forEach((text, index) => {
		const number = index + 1;
		const share = samples.has(number) ? Math.round(samples.get(number) * 100 / told.profile.samples) + " %" : "";
		const row = cells(body.insertRow(), [String(number), share, refused.has(number) ? "✗" : "", text]);
		row.className = refused.has(number) ? "refused" : "";
	});
	const notes = [told.profile ? `${told.profile.samples} samples, ${told.profile.hz} a second of CPU time.` : "No profile."];
	if (lines.length > MOST_LINES)
		notes.push(`The first ${MOST_LINES} of ${lines.length} lines.`);
	at("lines-note").textContent = notes.join(" ");
}

function showOutput(id, told) {
	at(id).textContent = told.text + (told.cut ? `\n[the first of ${told.bytes} bytes]` : "");
}

function showInside(hook) {
	at("inside").hidden = hook === null;
	if (hook === null)
		return;
	const rows = hook.rows ?? [];
	at("rows").hidden = rows.length === 0;
	at("no-rows").hidden = rows.length > 0;
	at("no-rows").textContent = hook.rows ? "It has nothing to say." :
		"It left nothing that can be read: the program was ended before it could, or put something else in its place.";
	const head = at("rows").tHead;
	head.replaceChildren();
	for (const name of ["file", "line", "function", ...hook.columns])
		head.appendChild(document.createElement("th")).textContent = name;
	fill(at("rows").tBodies[0], rows.map(([file, line, name, ...numbers]) =>
		[file, String(line), name, ...numbers.map((n) => Number.isInteger(n) ? String(n) : n.toFixed(6))]));
}

let report = null;

function showReport(text) {
	if (report)
		URL.revokeObjectURL(report);
	report = text ? URL.createObjectURL(new Blob([text], { type: "text/html" })) : null;
	at("save").hidden = report === null;
	if (report)
		at("save").href = report;
}

function show(program, told) {
	at("status").textContent = told.proctor.status;
	at("status").className = told.proctor.status;
	at("message").textContent = told.proctor.message;
	showFigures(told.proctor);
	showRefusals(told.proctor.refusals);
	showLines(program, told.proctor);
	showOutput("stdout", told.program.stdout);
	showOutput("stderr", told.program.stderr);
	showInside(told.program.hook);
	showReport(told.report);
	at("result").hidden = false;
}

async function run(event) {
	event.preventDefault();
	const program = at("program").value;
	const body = { program, stdin: at("stdin").value, hook: at("hook").value || null, report: at("report").checked };
	at("go").disabled = true;
	at("result").hidden = true;
	at("state").textContent = "running …";
	try {
		const answer = await fetch("run", {
			method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
		});
		const told = await answer.json();
		if (answer.ok)
			show(program, told);
		at("state").textContent = answer.ok ? "" : told.error;
	} catch (error) {
		at("state").textContent = "the service cannot be reached: " + error.message;
	}
	at("go").disabled = false;
}

async function begin() {
	at("ask").addEventListener("submit", run);
	const about = await (await fetch("about")).json();
	for (const option of [...at("hook").options])
		option.disabled = option.value !== "" && !about.hooks.includes(option.value);
	if (about.without_hooks) {
		at("note").textContent = "No profiler inside: " + about.without_hooks;
		at("note").hidden = false;
	}
	document.documentElement.dataset.ready = "1";
}

begin();
