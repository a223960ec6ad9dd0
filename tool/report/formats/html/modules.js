/* The modules: what becomes of each in each world, what it claims, what stands against it. DataTables sorts and pages. */

const wordRanks = ['unsafe', 'not read', 'incomplete', 'unclaimed', 'refused', 'ok'];
const claimTags = {
  'multiple-interpreters=per-interpreter-gil': 'own GIL',
  'multiple-interpreters=supported': 'shared GIL',
  'multiple-interpreters=not-supported': 'one interpreter',
  'gil=not-used': 'no GIL',
  'gil=used': 'needs the GIL',
};

function isFine(module) {
  return module.words.every(row => row.words.every(word => word === null || word === 'ok'));
}

function unsafeCount(module) {
  return d3.sum(module.words, row => row.words.filter(word => word === 'unsafe').length);
}

function wordMark(word) {
  return element('span', { class: 'word ' + word.replace(' ', '-'), 'data-term': word }, word);
}

/** "unsafe, 7 objects", and what other worlds show. */
function wordCell(module, number) {
  const profile = data.profiles[number];
  const objects = (module.verified[profile] || { objects: [] }).objects;
  const cell = element('span', {}, wordMark(module.words[0].words[number]));
  if (objects.length > 0) {
    cell.append(' ', element('a', {
      href: addressOf({ ...initialState, profile, module: module.name, risk: '0', allowed: 'yes' }), class: 'to-table',
      'aria-label': countText(objects.length, 'object') + ' against it',
    }, countText(objects.length, 'object')));
  }
  for (const row of module.words.slice(1)) {
    if (row.words[number] !== null && row.words[number] !== module.words[0].words[number]) {
      cell.append(element('br'), element('span', { class: 'hint' }, row.world + ': '), wordMark(row.words[number]));
    }
  }
  return cell;
}

function claimsCell(module) {
  const tags = Object.entries(module.claims).map(([name, value]) => {
    const claim = name + '=' + value;
    return element('span', { class: 'tag', title: claim }, claimTags[claim] || claim);
  });
  return element('span', {}, ...(tags.length === 0 ? [element('span', { class: 'hint' }, 'nothing')] : tags));
}

function moduleColumn(title, className, cell, sorted) {
  return {
    title, className, type: 'string',
    render: (value, type, module) => (type === 'display' ? cell(module).outerHTML : sorted(module)),
  };
}

function moduleColumns() {
  const file = module => placeText(module.place);
  return [
    moduleColumn('Module', 'name-cell', module => element('span', {}, element('b', {}, breakable(module.name)), element('br'),
      element('span', { class: 'hint' }, breakable(file(module)))), module => module.name + ' ' + file(module)),
    ...data.profiles.map((profile, i) => moduleColumn(profile, 'word-cell', module => wordCell(module, i),
      module => String(wordRanks.indexOf(module.words[0].words[i])))),
    moduleColumn('Claims', 'claims-cell', claimsCell, module => Object.entries(module.claims).flat().join(' ')),
    moduleColumn('Begins', '', module => element('span', {}, term(module.init, null, true), module.binding
      ? ' (' + module.binding + ')' : ''), module => module.init),
    { title: '', visible: false, type: 'num', render: (value, type, module) => unsafeCount(module) },
  ];
}

/** Replaces the heads that name a word by its explanation, and writes the heads into the cells for narrow windows. */
function labelCells(table, row) {
  const heads = [...document.querySelectorAll('#' + table + ' thead th')].map(head => head.textContent);
  row.querySelectorAll('td').forEach((cell, i) => i > 0 && cell.setAttribute('data-label', heads[i]));
}

function showModules() {
  byId('modules').hidden = data.modules.length === 0;
  if (data.modules.length === 0) {
    return;
  }
  const fine = data.modules.filter(isFine).length;
  const choice = byId('module-word');
  choice.append(element('option', { value: 'some' }, 'not ok everywhere'), element('option', { value: '' }, 'all'),
    ...wordRanks.filter(word => data.modules.some(module => module.words.some(row => row.words.includes(word))))
      .map(word => element('option', { value: word }, word + ' somewhere')));
  choice.value = fine === data.modules.length ? '' : 'some';
  const fineText = countText(fine, 'module') + (fine === 1 ? ' is' : ' are') + ' ok in every world: ';
  $.fn.dataTable.ext.search.push((settings, texts, index, module) => settings.nTable.id !== 'module-table'
    || choice.value === '' || (choice.value === 'some' ? !isFine(module)
    : module.words.some(row => row.words.includes(choice.value))));
  const table = $('#module-table').on('draw.dt', () => labelPages(byId('module-side'))).DataTable({
    data: data.modules,
    columns: moduleColumns(),
    createdRow: row => labelCells('module-table', row),
    deferRender: true,
    autoWidth: false,
    pageLength: 12,
    order: [[data.profiles.length + 3, 'desc'], [2, 'asc'], [0, 'asc']],
    dom: 'rtip',
    language: { info: '_START_ to _END_ of _TOTAL_', infoFiltered: '(of _MAX_ modules)', infoEmpty: 'none', zeroRecords: 'No module.' },
  });
  byId('module-q').addEventListener('input', event => table.search(event.target.value).draw());
  const showFine = () => {
    byId('module-fine').hidden = fine === 0 || choice.value !== 'some';
    table.draw();
  };
  const button = element('button', { type: 'button' }, 'show all modules');
  button.addEventListener('click', () => {
    choice.value = '';
    showFine();
  });
  byId('module-fine').append(fineText, button);
  choice.addEventListener('input', showFine);
  showFine();
  const used = wordRanks.filter(word => data.modules.some(module => module.words.some(row => row.words.includes(word))));
  byId('module-worlds').append(...data.profiles.flatMap((world, i) => [i === 0 ? 'The worlds: ' : '; ', term(world), ', ' + data.worlds[i]]));
  byId('module-words').append(...used.flatMap((word, i) => [i === 0 ? 'The words: ' : '; ', term(word), ': ' + data.meanings[word]]));
  leadToTable(byId('module-table'));
  document.querySelectorAll('#module-table thead th').forEach(head => {
    if (data.meanings[head.textContent]) {
      head.dataset.term = head.textContent;
    }
  });
}

/** The entries against the claims of the modules of this name, and the findings about them. */
function entriesAgainst(name) {
  const modules = data.modules.filter(module => module.name === name);
  const subjects = new Set(modules.map(module => module.place[0] + ':' + name));
  const entries = new Set(data.entries.filter(entry => entry.what === 'finding' && subjects.has(entry.name)));
  for (const module of modules) {
    for (const verified of Object.values(module.verified)) {
      verified.objects.forEach(number => entries.add(data.entries[number]));
    }
  }
  return entries;
}
