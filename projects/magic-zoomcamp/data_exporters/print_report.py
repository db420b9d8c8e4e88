if 'data_exporter' not in globals():
    from mage_ai.data_preparation.decorators import data_exporter
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test

PAYMENT_TYPES = {1: 'credit card', 2: 'cash', 3: 'no charge', 4: 'dispute', 5: 'unknown', 6: 'voided'}


@data_exporter
def print_report(daily, busiest, payments, *args, **kwargs):
    report = {
        'days': len(daily),
        'trips': int(daily['trips'].sum()),
        'revenue': round(float(daily['revenue'].sum()), 2),
        'busiest_day': str(busiest['day'].iloc[0]),
        'payments': {
            PAYMENT_TYPES.get(int(row.payment_type), 'unknown'): int(row.trips)
            for row in payments.itertuples()
        },
    }

    print(f"{report['trips']:,} trips on {report['days']} days, {report['revenue']:,.2f} dollars")
    for row in busiest.itertuples():
        print(f'{row.day}: {row.trips:,} trips, {float(row.revenue):,.2f} dollars')
    return report


@test
def test_every_trip_was_paid_somehow(output, *args) -> None:
    assert sum(output['payments'].values()) == output['trips'], 'The two reports disagree'
