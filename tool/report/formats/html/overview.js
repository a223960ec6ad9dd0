/* The head of the page: the question and its answer; further down the counts by risk and by verdict, what was not
   analysed, and how it was read. */

function showHead() {
  byId('project').textContent = data.project;
  document.title = data.project + ': ringfence report';
  byId('answer').append(breakable(data.answer.text));
  byId('answer').className = 'answer ' + data.answer.word.replace(' ', '-');
  byId('tool').textContent = 'ringfence ' + data.version;
  const objects = data.entries.filter(entry => entry.what === 'object').length;
  byId('summary').textContent = [countText(objects, 'object'), countText(data.findings, 'finding'),
    countText(data.modules.length, 'module'), countText(data.units, 'unit')].join(', ');
  byId('notes').append(...data.notes.map(note => element('li', {}, breakable(note))));
  byId('read').hidden = data.notes.length === 0;
  const choice = byId('profile');
  choice.append(...data.profiles.map(profile => element('option', {}, profile)));
  choice.addEventListener('change', () => change({ profile: choice.value }));
  viewers.push(() => {
    choice.value = state.profile;
    byId('profile-meaning').textContent = worldText(state.profile);
  });
}

/** A link for each section that the report has something for. */
function showSections() {
  for (const title of document.querySelectorAll('main section:not([hidden]) > h2')) {
    const link = element('a', { href: '#' }, title.textContent);
    link.addEventListener('click', event => {
      event.preventDefault(); // the address holds the state
      goTo(title);
    });
    byId('sections').append(element('li', {}, link));
  }
}

function showIncomplete() {
  byId('incomplete').hidden = data.notAnalysed.length === 0;
  byId('unread').hidden = data.notAnalysed.length === 0;
  const link = element('a', { href: '#' }, countText(data.notAnalysed.length, 'file'));
  link.addEventListener('click', event => {
    event.preventDefault(); // the address holds the state
    byId('incomplete-list').open = true;
    goTo(byId('incomplete-title'));
  });
  byId('unread').append('Incomplete: ', link, ' not read, or read in part.');
  byId('incomplete-count').textContent = countText(data.notAnalysed.length, 'file');
  byId('incomplete-list').open = data.notAnalysed.length <= 10;
  byId('incomplete-rows').append(...data.notAnalysed.map(each => tableRow(
    [breakable(each.file), each.status, breakable(each.message || 'no compile command names it')], 'row', ['', 'State', 'Why'])));
}

/** Objects by risk, as the other formats count them. */
function countsOf(profileNumber) {
  const counts = [0, 0, 0, 0];
  for (const entry of data.entries) {
    if (entry.what === 'object') {
      ++counts[entry.risk[profileNumber]];
    }
  }
  return counts;
}

function riskBar(counts) {
  const total = d3.sum(counts);
  const bar = element('div', { class: 'bar', 'aria-hidden': 'true' });
  d3.select(bar).selectAll('span').data([3, 2, 1, 0]).enter().append('span')
    .attr('class', risk => riskNames[risk])
    .style('width', risk => (total === 0 ? 0 : 100 * counts[risk] / total) + '%');
  return bar;
}

/** Risk by profile: each number is a link to what it counts. */
function showRisks() {
  leadToTable(byId('risk-rows'));
  byId('risk-head').append(tableRow(['Profile', 'high', 'medium', 'low', 'none', 'Share'], 'col'));
  viewers.push((now, before) => {
    if (byId('risk-rows').children.length > 0 && now.profile === before.profile) {
      return;
    }
    byId('risk-rows').replaceChildren(...data.profiles.map((profile, number) => {
      const counts = countsOf(number);
      const links = [3, 2, 1].map(risk => element('a', {
        href: addressOf({ ...initialState, profile, risk: String(risk), what: 'object', allowed: 'yes' }),
        'aria-label': counts[risk] + ' of ' + riskNames[risk] + ' risk under ' + profile,
      }, String(counts[risk])));
      const row = tableRow([term(profile), ...links, String(counts[0]), riskBar(counts)], 'row');
      if (profile === now.profile) {
        row.setAttribute('aria-current', 'true');
      }
      return row;
    }));
  });
}

function showVerdicts() {
  leadToTable(byId('verdict-rows'));
  viewers.push((now, before) => {
    if (byId('verdict-rows').children.length > 0 && now.profile === before.profile) {
      return;
    }
    const groups = d3.nest().key(entry => entry.verdict)
      .entries(data.entries.filter(entry => entry.what === 'object'))
      .map(group => ({ verdict: group.key, count: group.values.length, worst: d3.max(group.values, riskOf) }))
      .sort((a, b) => b.worst - a.worst || b.count - a.count);
    byId('verdict-rows').replaceChildren(...groups.map(group => tableRow([
      element('a', { href: addressOf({ ...initialState, profile: now.profile, verdict: group.verdict, risk: '0', allowed: 'yes' }) },
        group.verdict),
      String(group.count), riskMark(group.worst)], 'row')));
  });
}
