"""Ways to start a block, with the guards and signatures that Mage's own templates have."""

from __future__ import annotations

from studio.server.messages import Template

TEST = """

@test
def test_output(output, *args) -> None:
    assert output is not None, 'The output is undefined'
"""
GUARDS = """if '{decorator}' not in globals():
    from mage_ai.data_preparation.decorators import {decorator}
"""
TEST_GUARD = """if 'test' not in globals():
    from mage_ai.data_preparation.decorators import test
"""
CONFIG = """    config_path = path.join(get_repo_path(), 'io_config.yaml')
    config_profile = 'default'
"""
CONFIG_IMPORTS = """from os import path

from mage_ai.io.config import ConfigFileLoader
from mage_ai.settings.repo import get_repo_path
"""
PICTURE_IMPORTS = """import io

from matplotlib.figure import Figure

"""
PICTURE = """def draw(data, *args, **kwargs):
    figure = Figure()
    figure.subplots().hist(data['column'])
    picture = io.BytesIO()
    figure.savefig(picture, format='png')
    return picture.getvalue()
"""
PROVIDERS = (
    ("postgres", "Postgres"),
    ("bigquery", "BigQuery"),
    ("duckdb", "DuckDB"),
    ("mysql", "MySQL"),
    ("sqlserver", "SQL Server"),
    ("redshift", "Redshift"),
    ("snowflake", "Snowflake"),
    ("clickhouse", "ClickHouse"),
    ("trino", "Trino"),
    ("druid", "Druid"),
)
DECORATORS = {"conditional": "condition"}
R_CODES = {
    "data_loader": "load_data <- function() {\n    df <- data.frame(x = 1:3)\n    df\n}\n",
    "transformer": "transform <- function(df_1, ...) {\n    df_1\n}\n",
    "data_exporter": "export_data <- function(df_1, ...) {\n}\n",
}
YAML_API = """source: api
config:
  url: https://example.com/data.csv
  separator: ','
  has_header: true
"""


def templates() -> list[Template]:
    """In the order in which the editor offers them."""
    return [
        *loaders(),
        *transformers(),
        *exporters(),
        *others(),
        *sql_blocks(),
        *r_blocks(),
        yaml_api(),
        *dbt_commands(),
    ]


def loaders() -> list[Template]:
    signature = "def load_data(*args, **kwargs):\n"
    return [
        python("data_loader", "Empty", "", signature + "    return {}\n"),
        python(
            "data_loader",
            "API",
            "import io\n\nimport pandas as pd\nimport requests\n\n",
            signature
            + "    url = ''\n    response = requests.get(url, timeout=60)\n"
            + "    response.raise_for_status()\n"
            + "    return pd.read_csv(io.StringIO(response.text), sep=',')\n",
        ),
        python(
            "data_loader",
            "Parquet file or URL",
            "import pandas as pd\n\n",
            signature + "    return pd.read_parquet(kwargs['source'])\n",
        ),
        from_database("data_loader", "Postgres", "postgres", "Postgres"),
        from_database("data_loader", "BigQuery", "bigquery", "BigQuery"),
        python(
            "data_loader",
            "Google Cloud Storage",
            storage_imports(),
            signature
            + CONFIG
            + "    config = ConfigFileLoader(config_path, config_profile)\n"
            + "    storage = GoogleCloudStorage.with_config(config)\n"
            + "    return storage.load('bucket', 'object.parquet')\n",
        ),
    ]


def transformers() -> list[Template]:
    signature = "def transform(data, *args, **kwargs):\n"
    return [
        python("transformer", "Empty", "", signature + "    return data\n"),
        python(
            "transformer",
            "Filter rows",
            "",
            signature + "    return data[data['column'] > 0]\n",
        ),
        python(
            "transformer",
            "Aggregate",
            "",
            signature + "    return data.groupby('column', as_index=False).agg({'value': 'sum'})\n",
        ),
    ]


def exporters() -> list[Template]:
    return [
        python("data_exporter", "Empty", "", "def export_data(data, *args, **kwargs):\n    pass\n"),
        to_database(
            "Postgres",
            "postgres",
            "    config = ConfigFileLoader(config_path, config_profile)\n"
            "    with Postgres.with_config(config) as loader:\n"
            "        loader.export(\n"
            "            df, 'public', 'table_name', index=False, if_exists='replace'\n"
            "        )\n",
        ),
        to_database(
            "BigQuery",
            "bigquery",
            "    BigQuery.with_config(ConfigFileLoader(config_path, config_profile)).export(\n"
            "        df, 'dataset.table_name', if_exists='replace'\n"
            "    )\n",
        ),
        python(
            "data_exporter",
            "Google Cloud Storage",
            storage_imports(),
            "def export_data(df, **kwargs) -> None:\n"
            + CONFIG
            + "    config = ConfigFileLoader(config_path, config_profile)\n"
            + "    GoogleCloudStorage.with_config(config).export(df, 'bucket', 'object.parquet')\n",
        ),
    ]


def others() -> list[Template]:
    return [
        python("custom", "Picture", PICTURE_IMPORTS, PICTURE),
        python("custom", "Empty", "", "def transform_custom(*args, **kwargs):\n    return {}\n"),
        python(
            "sensor",
            "Empty",
            "",
            "def check_condition(*args, **kwargs) -> bool:\n    return True\n",
        ),
    ]


def sql_blocks() -> list[Template]:
    kinds = ("data_loader", "transformer", "data_exporter")
    texts = {
        "data_loader": "SELECT 1 AS one\n",
        "transformer": "SELECT * FROM {{ df_1 }}\n",
        "data_exporter": "SELECT * FROM {{ df_1 }}\n",
    }
    return [
        Template(
            id=f"{kind}/sql/{provider}",
            title=f"{title} SQL {kind.replace('_', ' ')}",
            group="SQL",
            kind=kind,
            language="sql",
            code=texts[kind],
            configuration={
                "data_provider": provider,
                "data_provider_profile": "default",
                "export_write_policy": "replace",
                "use_raw_sql": False,
            },
        )
        for provider, title in PROVIDERS
        for kind in kinds
    ]


def r_blocks() -> list[Template]:
    """Run where a machine has R: the local cloud."""
    return [
        Template(f"{kind}/r", f"R {kind.replace('_', ' ')}", "R", kind, "r", code, {})
        for kind, code in R_CODES.items()
    ]


def yaml_api() -> Template:
    """A source in YAML: one request whose answer is a table."""
    title = "YAML data loader: API"
    return Template("data_loader/yaml/api", title, "YAML", "data_loader", "yaml", YAML_API, {})


def dbt_commands() -> list[Template]:
    """Their text is dbt's arguments (Mage: "dbt block", YAML)."""
    return [
        Template(
            id=f"dbt/yaml/{command}",
            title=f"dbt {command}",
            group="dbt",
            kind="dbt",
            language="yaml",
            code="--select my_model\n",
            configuration={"dbt": {"command": command}, "dbt_profile_target": None},
        )
        for command in ("run", "test", "build", "seed")
    ]


def python(kind: str, title: str, imports: str, body: str) -> Template:
    decorator = DECORATORS.get(kind, kind)
    tested = kind in {"data_loader", "transformer", "custom"}
    guards = GUARDS.format(decorator=decorator) + (TEST_GUARD if tested else "")
    code = f"{imports}{guards}\n\n@{decorator}\n{body}{TEST if tested else ''}"
    group = kind.replace("_", " ").capitalize()
    slug = title.lower().replace(" ", "_")
    return Template(f"{kind}/{slug}", f"{group}: {title}", group, kind, "python", code, {})


def from_database(kind: str, title: str, module: str, name: str) -> Template:
    load = f"{name}.with_config(ConfigFileLoader(config_path, config_profile))"
    body = (
        f"    with {load} as loader:\n        return loader.load(query)\n"
        if module == "postgres"
        else f"    return {load}.load(query)\n"
    )
    return python(
        kind,
        title,
        CONFIG_IMPORTS + f"from mage_ai.io.{module} import {name}\n\n",
        f"def load_data_from_{module}(*args, **kwargs):\n    query = 'SELECT 1'\n{CONFIG}\n{body}",
    )


def to_database(title: str, module: str, body: str) -> Template:
    return python(
        "data_exporter",
        title,
        CONFIG_IMPORTS
        + f"from mage_ai.io.{module} import {title}\nfrom pandas import DataFrame\n\n",
        f"def export_data_to_{module}(df: DataFrame, **kwargs) -> None:\n{CONFIG}\n{body}",
    )


def storage_imports() -> str:
    return CONFIG_IMPORTS + "from mage_ai.io.google_cloud_storage import GoogleCloudStorage\n\n"
