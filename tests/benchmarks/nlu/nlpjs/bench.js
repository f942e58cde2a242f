// nlp.js (node-nlp) as its documentation shows it: `node bench.js train|parse FOLDER`.
// Reads and writes the same files as child.py: job.json in, train.json or parse.json out. Exit code 1 after an error.
'use strict';

const fs = require('fs');
const path = require('path');

const WARM_UP = 20; // as in job.py

// node-nlp's intent for whatever it did not understand.
const NONE = 'None';

const [phase, folder] = process.argv.slice(2);
const model = path.join(folder, 'model.nlp');

function write(result) {
  const file = path.join(folder, `${phase}.json`);
  fs.writeFileSync(`${file}.part`, JSON.stringify(result));
  fs.renameSync(`${file}.part`, file);
}

/** CPU seconds of this process, all threads. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function peakMb() {
  const kib = Number(/^VmHWM:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
  return Math.round((kib * 1024) / 1e5) / 10;
}

function versionOf(name) {
  const file = process.env.NODE_PATH.split(path.delimiter).map((place) => path.join(place, name, 'package.json')).find(fs.existsSync);
  return JSON.parse(fs.readFileSync(file, 'utf8')).version;
}

function manager(NlpManager, job) {
  return new NlpManager({ languages: [job.language], forceNER: false, autoSave: false, autoLoad: false, nlu: { log: false } });
}

async function train(NlpManager, job) {
  const started = process.hrtime.bigint();
  const cpu = cpuSeconds();
  const nlp = manager(NlpManager, job);
  for (const [text, intent] of job.train) nlp.addDocument(job.language, text, intent);
  await nlp.train();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const used = cpuSeconds() - cpu;
  fs.writeFileSync(model, nlp.export(false));
  return { seconds: Math.round(100 * seconds) / 100, cpu_seconds: Math.round(100 * used) / 100 };
}

async function parse(NlpManager, job) {
  const nlp = manager(NlpManager, job);
  nlp.import(fs.readFileSync(model, 'utf8'));
  for (const [text] of job.train.slice(0, WARM_UP)) await nlp.process(job.language, text);
  const answers = [];
  const times = [];
  for (const text of job.test) {
    const started = cpuSeconds();
    const got = await nlp.process(job.language, text);
    times.push(1000 * (cpuSeconds() - started));
    const likeliest = (got.classifications || []).map((entry) => entry.intent).find((intent) => intent !== NONE);
    answers.push({ intent: likeliest || NONE, fallback: got.intent === NONE });
  }
  return { answers, cpu_ms: times };
}

async function main() {
  const job = JSON.parse(fs.readFileSync(path.join(folder, 'job.json'), 'utf8'));
  const { NlpManager } = require('node-nlp');
  const result = await { train, parse }[phase](NlpManager, job);
  result.peak_mb = peakMb();
  result.versions = { node: process.version, 'node-nlp': versionOf('node-nlp'), '@nlpjs/lang-zh': versionOf('@nlpjs/lang-zh') };
  write(result);
}

main().catch((error) => {
  console.error(error);
  write({ error: String((error && error.message) || error) });
  process.exitCode = 1;
});
