// Runs cases through trino-go-client and prints one line of JSON for each.
//
//	clients SERVER_URL CASES_DIR CASE…
package main

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/trinodb/trino-go-client/trino"
)

type document struct {
	Case    string      `json:"case"`
	Columns [][2]string `json:"columns,omitempty"`
	Rows    [][]any     `json:"rows,omitempty"`
	Error   any         `json:"error,omitempty"`
}

func main() {
	server, cases := os.Args[1], os.Args[2]
	dsn := strings.Replace(server, "://", "://clients@", 1) + "?catalog=tpch&schema=tiny"
	db, err := sql.Open("trino", dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range os.Args[3:] {
		out := document{Case: name}
		if err := run(db, name, cases, &out); err != nil {
			out = document{Case: name, Error: describe(err)}
		}
		line, err := json.Marshal(out)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(string(line))
	}
}

func run(db *sql.DB, name, cases string, out *document) error {
	text, err := os.ReadFile(filepath.Join(cases, name+".sql"))
	if err != nil {
		return err
	}
	var parameters []any
	if name == "prepared" {
		day := trino.Date(2024, time.February, 29)
		parameters = []any{int64(1234567890123), `it's a "test", é☃`, trino.Numeric("1.5E0"), true, day, 5}
	}
	results, err := db.Query(strings.TrimSpace(string(text)), parameters...)
	if err != nil {
		return err
	}
	defer results.Close()
	types, err := results.ColumnTypes()
	if err != nil {
		return err
	}
	sums := [4]int64{}
	for results.Next() {
		row := make([]any, len(types))
		into := make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := results.Scan(into...); err != nil {
			return err
		}
		if name == "many" {
			sums[0]++
			sums[1] += row[0].(int64)
			sums[2] += row[1].(int64)
			sums[3] += int64(len(utf16.Encode([]rune(row[2].(string)))))
			continue
		}
		for i := range row {
			row[i] = plain(row[i])
		}
		out.Rows = append(out.Rows, row)
	}
	if name == "many" {
		out.Rows = [][]any{{sums[0], sums[1], sums[2], sums[3]}}
		return results.Err()
	}
	for _, column := range types {
		out.Columns = append(out.Columns, [2]string{column.Name(), column.DatabaseTypeName()})
	}
	return results.Err()
}

// plain gives the value as JSON can hold it.
func plain(value any) any {
	switch value := value.(type) {
	case float64:
		switch {
		case math.IsNaN(value):
			return "NaN"
		case math.IsInf(value, 0):
			return strings.Replace(fmt.Sprintf("%vinity", value), "+", "", 1)
		}
		return value
	case []byte:
		return base64.StdEncoding.EncodeToString(value)
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = plain(item)
		}
		return items
	case map[string]any:
		items := make(map[string]any, len(value))
		for key, item := range value {
			items[key] = plain(item)
		}
		return items
	case trino.Row:
		if !value.Valid {
			return nil
		}
		fields := make([]any, value.Len())
		for i := range fields {
			fields[i] = [2]any{value.Name(i), plain(value.Value(i))}
		}
		return fields
	}
	return value
}

func describe(err error) any {
	var failed *trino.ErrTrino
	if errors.As(err, &failed) {
		return map[string]any{
			"message": failed.Message, "name": failed.ErrorName, "code": failed.ErrorCode, "type": failed.ErrorType,
			"location": map[string]int{"lineNumber": failed.ErrorLocation.LineNumber, "columnNumber": failed.ErrorLocation.ColumnNumber},
		}
	}
	return map[string]any{"message": err.Error()}
}
