import pandas as pd

if 'transformer' not in globals():
    from mage_ai.data_preparation.decorators import transformer
if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test


@transformer
def transform(data, *args, **kwargs):
    data.columns = (
        data.columns.str.replace(
            r'(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', regex=True
        ).str.lower()
    )

    empty = (data['passenger_count'] == 0) | (data['trip_distance'] == 0)
    print(f'Preprocessing: {empty.sum()} trips without passengers or distance')
    data = data[~empty.fillna(True)].copy()

    data['lpep_pickup_date'] = pd.to_datetime(data['lpep_pickup_datetime']).dt.date
    return data


@test
def test_passengers(output, *args) -> None:
    assert (output['passenger_count'] > 0).all(), 'There are trips without passengers'


@test
def test_distance(output, *args) -> None:
    assert (output['trip_distance'] > 0).all(), 'There are trips without distance'


@test
def test_column_names(output, *args) -> None:
    assert 'vendor_id' in output.columns, 'The column vendor_id is missing'
