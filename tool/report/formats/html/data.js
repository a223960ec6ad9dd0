'use strict';

/* The report, as tool/report/html.cc writes it. Its strings come from sources: they reach the page as text nodes alone
   (elements.js), or escaped (table.js).

   entries   objects, then findings that are no object's verdict:
             { key, what: 'object' or 'finding', name, place: [file, line, column], risk: [0..3 by profile], rule, advice,
               message, evidence: [{ place, function, text }], evidenceCount (the report's; the page holds the first twenty);
             where the source allows it, allowed: [evidence of the comment, with the reason as its text];
               of an object: function, type, storage, verdict, kind, level, writes, guard, sites (as evidence), siteCount,
               and where known origin, module, generatedBy, macro, riskNote, observed: [text] }
   modules   { name, place, init, binding, claims: { name: value },
               verified: { profile: { verdict, objects: [numbers of entries] } },
               words: [{ world, words: [by profile; null where the world is not about it] }], the module's own first }
   answer    { word, text }: is it safe?
   first     { problems, causes, entries: [{ key, more: of the same rule, worst, consequences: [text] }] }
   rules     { 'RF103 cached-import': { why, example, fix, references } }
   meanings  { word: what it means }
   history   { label, counts: { profile: [none, low, medium, high] } }, oldest first; empty where there is none
   sources   { file: { line: text } }
   and version, project, profiles, findings (how many), units, notAnalysed: [{ file, status, message }], notes */
const data = JSON.parse(document.getElementById('data').textContent);
const riskNames = ['none', 'low', 'medium', 'high'];
const entryOfKey = new Map(data.entries.map(entry => [entry.key, entry]));

/** The entry's risk (0 to 3) under the profile that is chosen. */
function riskOf(entry) {
  return entry.risk[data.profiles.indexOf(state.profile)];
}

/** What was found, in a word or two: an object's verdict, a finding's rule. */
function verdictOf(entry) {
  return entry.what === 'object' ? entry.verdict : entry.rule.replace(/^\S+ /, '');
}

/** The name within its file. */
function nameOf(entry) {
  const file = entry.place[0] + ':';
  const name = entry.what === 'object' && !entry.function ? entry.key : entry.name; // the key has classes and namespaces
  return (name.startsWith(file) ? name.slice(file.length) : entry.name) + (entry.function ? ' in ' + entry.function + '()' : '');
}

function placeText(place) {
  return place[1] > 0 ? place[0] + ':' + place[1] : place[0];
}

function countText(count, singular) {
  return count + ' ' + singular + (count === 1 ? '' : 's');
}
