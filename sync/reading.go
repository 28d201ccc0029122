package sync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

// form is a kind of bucket, with or without the column that says its key in
// every row again.
type form struct {
	kind string
	bare bool
}

// reading is how a kind of bucket is read.
type reading struct {
	query string
	names map[string]string // the line that names a collection's columns
}

// compile writes, per kind of bucket, the query that reads its log: the outer
// loop goes through the buckets as they are given, the inner through what each
// has new. Rows come out of SQLite as JSON, so no value is looked at on the
// way. Of a collection that is gone only the tombstones are left.
func (e *Engine) compile(app core.App, declared []Collection) error {
	selects := map[form]reading{}
	for _, b := range e.Buckets {
		for _, bare := range []bool{false, true} {
			r, err := compiled(app, b.Kind, bare, declared)
			if err != nil {
				return err
			}
			selects[form{b.Kind, bare}] = r
		}
	}
	before := e.selects.Swap(&selects)
	app.TxInfo().OnComplete(func(err error) error {
		if err != nil {
			e.selects.Store(before) // the collections are what they were
		}
		return nil
	})
	return nil
}

func compiled(app core.App, kind string, bare bool, declared []Collection) (reading, error) {
	r := reading{names: map[string]string{}}
	items, joins := "", ""
	for _, c := range declared {
		if c.Bucket != kind {
			continue
		}
		found, err := app.FindCollectionByNameOrId(c.Name)
		if err != nil {
			return r, err
		}
		key := ""
		if bare {
			key = c.keyColumn(found)
		}
		var names, values []string
		for _, column := range c.Columns {
			if column != key {
				names = append(names, quoted(column))
				values = append(values, ", "+jsonValue(c.Name, found.Fields.GetByName(column)))
			}
		}
		if key != "" {
			key = `,"key":` + quoted(key)
		}
		r.names[c.Name] = fmt.Sprintf(`{"t":"cols","c":%s,"k":[%s]%s}`, quoted(c.Name), strings.Join(names, ","), key)
		items += fmt.Sprintf(` WHEN "%s".id = r.id THEN json_array(r.id, r.seq%s)`, c.Name, strings.Join(values, ""))
		joins += fmt.Sprintf(`
			LEFT JOIN "%s" ON "%[1]s".id = CASE WHEN r.coll = '%[1]s' AND r.deleted = 0 THEN r.id END`, c.Name)
	}
	r.query = `SELECT r.bucket, r.coll, r.deleted, CASE WHEN r.deleted THEN json_array(r.id, r.seq)` + items + ` END
		FROM json_each({:buckets}) b CROSS JOIN _sync_row r INDEXED BY _sync_row_log ON r.bucket = b.key AND r.seq > b.value` + joins
	return r, nil
}

// keyColumn is the column that is the bucket's key, and a text like it; "" if
// none is.
func (c Collection) keyColumn(found *core.Collection) string {
	column, plain := strings.CutPrefix(c.Key, "{row}.")
	if !plain || !slices.Contains(c.Columns, column) {
		return ""
	}
	field := found.Fields.GetByName(column)
	multiple, isMulti := field.(core.MultiValuer)
	if isText := field.Type() == core.FieldTypeText || isMulti && !multiple.IsMultiple(); !isText {
		return ""
	}
	return column
}

// jsonValue is the SQL that writes a column as JSON of its own type.
func jsonValue(table string, field core.Field) string {
	column := `"` + table + `"."` + field.GetName() + `"`
	multiple, isMulti := field.(core.MultiValuer)
	switch {
	case field.Type() == core.FieldTypeBool:
		return `json(CASE WHEN ` + column + ` THEN 'true' ELSE 'false' END)`
	case field.Type() == core.FieldTypeJSON, isMulti && multiple.IsMultiple():
		return `CASE WHEN json_valid(` + column + `) THEN json(` + column + `) END`
	}
	return column
}
