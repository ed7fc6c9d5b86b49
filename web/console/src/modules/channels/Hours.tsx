import { timeOfDay } from '../../../../languages/clock';
import { useInterface } from '../../language/interface';
import { barsOf, sumsOf, type Hour } from './figures';

/** The last day hour by hour: what came in as bars, what usually does as a line above them, and both as a table. */
export function Hours({ hours }: { hours: Hour[] }) {
  const { tr } = useInterface();
  const sums = sumsOf(hours);
  return (
    <div className="hours">
      <p>
        {sums.usual === null
          ? tr('received_only', { received: sums.received })
          : tr('received_usual', { received: sums.received, usual: sums.usual })}
      </p>
      {(sums.received > 0 || sums.usual) && <Bars hours={hours} />}
      <details>
        <summary>{tr('hour_by_hour')}</summary>
        <div className="hours-table">
          <Table hours={hours} />
        </div>
      </details>
    </div>
  );
}

function Bars({ hours }: { hours: Hour[] }) {
  return (
    <div className="bars" aria-hidden="true">
      {barsOf(hours).map(({ hour, received, expected }) => (
        <span key={hour} className="bar">
          <i style={{ blockSize: `${received * 100}%` }} />
          {expected !== null && <b style={{ insetBlockEnd: `${expected * 100}%` }} />}
        </span>
      ))}
    </div>
  );
}

function Table({ hours }: { hours: Hour[] }) {
  const { tr, language } = useInterface();
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{tr('hour')}</th>
          <th scope="col">{tr('received')}</th>
          <th scope="col">{tr('usual')}</th>
          <th scope="col">{tr('delivery_sent')}</th>
          <th scope="col">{tr('delivery_failed')}</th>
          <th scope="col">{tr('outcome_unknown')}</th>
        </tr>
      </thead>
      <tbody>
        {hours.map(({ hour, received, expected, sent, failed, unknown }) => (
          <tr key={hour}>
            <th scope="row">{timeOfDay(hour, language)}</th>
            <td>{whole.format(received)}</td>
            <td>{expected === null ? '–' : whole.format(expected)}</td>
            <td>{whole.format(sent)}</td>
            <td>{whole.format(failed)}</td>
            <td>{whole.format(unknown)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
