/* The table of objects and findings, and its filters. DataTables sorts, searches and pages; cells are made from escaped
   text. */

const escapeText = $.fn.dataTable.render.text().display;

function nameCell(entry, type) {
  const text = nameOf(entry);
  if (type !== 'display') {
    return text;
  }
  return '<a href="' + escapeText(addressOf({ show: entry.key })) + '">' + breakable(text).innerHTML + '</a>';
}

function textColumn(title, textOf) {
  return {
    title,
    type: 'string',
    render: (value, type, entry) => (type !== 'display' ? textOf(entry)
      : data.meanings[textOf(entry)] ? term(textOf(entry), null, true).outerHTML : escapeText(textOf(entry))),
  };
}

const columns = [
  { title: 'Name', type: 'string', render: (value, type, entry) => nameCell(entry, type) },
  {
    title: 'Place',
    type: 'string',
    render: (value, type, entry) => (type === 'sort'
      ? entry.place[0] + ':' + String(entry.place[1]).padStart(8, '0')
      : type === 'display' ? breakable(placeText(entry.place)).outerHTML : placeText(entry.place)),
  },
  {
    title: 'Risk',
    className: 'risk-cell',
    render: (value, type, entry) => (type === 'sort' ? riskOf(entry)
      : type === 'display' ? riskMark(riskOf(entry)).outerHTML : riskNames[riskOf(entry)]),
  },
  textColumn('Found', verdictOf),
  textColumn('Written', entry => entry.writes || ''),
  textColumn('Guard', entry => entry.guard || ''),
  {
    title: 'Rule',
    className: 'rule-cell',
    type: 'string',
    render: (value, type, entry) => (type === 'display' ? ruleLink(entry.rule, entry.rule.split(' ')[0]).outerHTML : entry.rule),
  },
  { // searched, not shown
    title: 'Text',
    type: 'string',
    visible: false,
    render: (value, type, entry) => [entry.type, entry.message, entry.macro, entry.kind].filter(Boolean).join(' '),
  },
];

function distinct(values) {
  return [...new Set(values)].filter(Boolean).sort();
}

function fillChoice(id, choices) {
  byId(id).append(...choices.map(([value, text]) => element('option', { value }, text)));
}

function fillFilters() {
  const all = values => [['', 'all'], ...distinct(values).map(value => [value, value])];
  fillChoice('what', [['', 'objects and findings'], ['object', 'objects'], ['finding', 'findings']]);
  fillChoice('risk', [['3', 'high'], ['2', 'medium and higher'], ['1', 'low and higher'], ['0', 'any']]);
  fillChoice('allowed', [['', 'hidden'], ['yes', 'shown']]);
  fillChoice('verdict', all(data.entries.map(verdictOf)));
  fillChoice('rule', all(data.entries.map(entry => entry.rule)));
  fillChoice('module', all(data.modules.map(module => module.name)));
  for (const name of filterNames) {
    const control = byId(name);
    control.addEventListener('input', () => change({ [name]: control.value }, true));
  }
  byId('filters').addEventListener('submit', event => event.preventDefault());
  byId('reset').addEventListener('click', () => {
    change(Object.fromEntries(filterNames.map(name => [name, initialState[name]])), true);
  });
}

/** Whether the filters let the entry through; the search text is DataTables' own part. `against`: the entries that the
    module filter leaves, null where it leaves all. */
function passes(entry, filters, against) {
  return riskOf(entry) >= Number(filters.risk)
    && (filters.what === '' || entry.what === filters.what)
    && (filters.verdict === '' || verdictOf(entry) === filters.verdict)
    && (filters.rule === '' || entry.rule === filters.rule)
    && (filters.allowed !== '' || !entry.allowed)
    && (against === null || against.has(entry))
    && entry.place[0].startsWith(filters.path);
}

function leftByModule(name) {
  return name === '' ? null : entriesAgainst(name);
}

/** The state without filters where they would hide the entry that it opens. */
function revealing(wanted) {
  const entry = entryOfKey.get(wanted.show);
  if (!entry || passes(entry, wanted, leftByModule(wanted.module))) {
    return wanted;
  }
  return { ...initialState, profile: wanted.profile, show: wanted.show, risk: '0', allowed: 'yes' };
}

function labelPages(container) {
  for (const button of container.querySelectorAll('.paginate_button')) {
    button.setAttribute('role', 'button');
    if (button.classList.contains('current')) {
      button.setAttribute('aria-current', 'page');
    }
    if (button.classList.contains('disabled')) {
      button.setAttribute('aria-disabled', 'true');
    }
  }
}

/** One tab stop for the rows of a page. */
function labelRows(tbody) {
  tbody.querySelectorAll('td:first-child a').forEach((link, i) => link.setAttribute('tabindex', i === 0 ? '0' : '-1'));
}

/** The entry that a row shows; undefined for the row that says that there is none. */
function rowEntry(row) {
  return $('#table').DataTable().row(row).data();
}

function markOpenRow() {
  for (const row of document.querySelectorAll('#table tbody tr')) {
    const entry = rowEntry(row);
    const open = entry !== undefined && entry.key === state.show;
    row.classList.toggle('open', open);
    const link = row.querySelector('a');
    if (link) {
      open ? link.setAttribute('aria-current', 'true') : link.removeAttribute('aria-current');
    }
  }
}

/** Turns to the page that has the entry. */
function turnTo(table, key) {
  const order = table.rows({ order: 'applied', search: 'applied' }).data().toArray();
  const at = order.findIndex(entry => entry.key === key);
  if (at >= 0) {
    table.page(Math.floor(at / table.page.len())).draw('page');
  }
}

function showTable() {
  fillFilters();
  $.fn.dataTable.ext.errMode = 'throw';
  let against = null;
  $.fn.dataTable.ext.search.push((settings, texts, index, entry) => settings.nTable.id !== 'table'
    || passes(entry, state, against));
  const view = (now, before, table) => {
    for (const name of filterNames) {
      if (byId(name).value !== now[name]) {
        byId(name).value = now[name];
      }
      if (byId('filter-box').contains(byId(name)) && now[name] !== initialState[name]) {
        byId('filter-box').open = true;
      }
    }
    against = leftByModule(now.module);
    if (now.profile !== before.profile) {
      table.rows().invalidate();
    }
    if (now.profile !== before.profile || filterNames.some(name => now[name] !== before[name])) {
      table.search(now.q).draw();
    }
    if (now.show !== '' && now.show !== before.show) {
      turnTo(table, now.show);
    }
    markOpenRow();
  };
  const table = $('#table').on('draw.dt', () => {
    labelPages(byId('table-side'));
    labelRows(document.querySelector('#table tbody'));
    markOpenRow();
  }).DataTable({
    data: data.entries,
    columns,
    createdRow: row => labelCells('table', row),
    deferRender: true,
    autoWidth: false,
    pageLength: 25,
    order: [[2, 'desc'], [1, 'asc']],
    dom: 'irtp',
    language: { info: '_START_ to _END_ of _TOTAL_', infoFiltered: '(of _MAX_ in the report)', infoEmpty: 'none', emptyTable: 'The report is empty.', zeroRecords: 'Nothing passes the filters.' },
  });
  viewers.push((now, before) => view(now, before, table));
  followInPlace(document.querySelector('#table tbody'), link => (link.dataset.rule ? {} : { show: rowEntry(link.closest('tr')).key }));
  moveByArrows(document.querySelector('#table tbody'), 'td:first-child a', { back: ['ArrowUp'], forth: ['ArrowDown'] });
}
