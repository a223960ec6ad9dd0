/* How the risks went from report to report: areas for the eye, a table for all. */

const shownRisks = [1, 2, 3]; // from the axis up

function burndownPoints(profile) {
  return data.history.filter(report => report.counts[profile])
    .map(report => ({ label: report.label, counts: report.counts[profile] }));
}

function drawBurndown() {
  const points = burndownPoints(state.profile);
  byId('burndown-rows').replaceChildren(...points.map(point => tableRow(
    [point.label, ...[3, 2, 1].map(risk => String(point.counts[risk]))], 'row')));
  const container = byId('burndown-chart');
  const size = { width: Math.max(container.clientWidth, 300), height: 240 };
  const margin = { left: 50, right: 50, top: 10, bottom: 30 };
  const highest = d3.max(points, point => d3.sum(shownRisks, risk => point.counts[risk])) || 1;
  const x = d3.scale.linear().domain([0, Math.max(points.length - 1, 1)])
    .range([margin.left, size.width - margin.right]);
  const y = d3.scale.linear().domain([0, highest]).nice().range([size.height - margin.bottom, margin.top]);
  const layers = d3.layout.stack()(shownRisks.map(risk => points.map((point, i) => ({ x: i, y: point.counts[risk] }))));
  const area = d3.svg.area().x(p => x(p.x)).y0(p => y(p.y0)).y1(p => y(p.y0 + p.y));

  const svg = d3.select(container).html('').append('svg')
    .attr({ width: size.width, height: size.height, 'aria-hidden': 'true' });
  svg.selectAll('path').data(layers).enter().append('path')
    .attr('class', (layer, i) => riskNames[shownRisks[i]]).attr('d', area);
  svg.append('g').attr('class', 'axis').attr('transform', 'translate(' + margin.left + ',0)')
    .call(d3.svg.axis().scale(y).orient('left').ticks(5));
  const step = Math.ceil(points.length * 90 / size.width);
  svg.append('g').attr('class', 'axis').attr('transform', 'translate(0,' + (size.height - margin.bottom) + ')')
    .call(d3.svg.axis().scale(x).orient('bottom').tickValues(d3.range(0, points.length, step))
      .tickFormat(i => points[i].label.split('/').pop()));
}

function showBurndown() {
  byId('burndown').hidden = data.history.length === 0;
  if (data.history.length === 0) {
    return;
  }
  byId('burndown-head').append(tableRow(['Report', 'high', 'medium', 'low'], 'col'));
  let drawn = '';
  const redraw = () => {
    const wanted = state.profile + byId('burndown-chart').clientWidth;
    if (wanted !== drawn) {
      drawn = wanted;
      drawBurndown();
    }
  };
  viewers.push(redraw);
  window.addEventListener('resize', redraw);
}
