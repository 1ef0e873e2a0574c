"""``python -m charts``: writes the files of the chart that are made from others (``make chart-files``)."""

from __future__ import annotations

from charts import generated

if __name__ == "__main__":
    for path in generated.write():
        print(path.relative_to(generated.ROOT))
