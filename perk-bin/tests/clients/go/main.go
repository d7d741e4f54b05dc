// Runs cases through trino-go-client and prints one line of JSON for each.
//
//	clients SERVER_URL CASES_DIR CASE…
package main

import (
	"bufio"
	"context"
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
	Told    []any       `json:"told,omitempty"`
}

func main() {
	server, cases := os.Args[1], os.Args[2]
	dsn := strings.Replace(server, "://", "://"+os.Getenv("CLIENT_USER")+"@", 1) + "?catalog=tpch&schema=tiny"
	db, err := sql.Open("trino", dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, name := range os.Args[3:] {
		out := document{Case: name}
		if err := run(name, db, cases, &out); err != nil {
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

func read(cases, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join(cases, name+".sql"))
	return strings.TrimSpace(string(text)), err
}

func run(name string, db *sql.DB, cases string, out *document) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	text, err := read(cases, name)
	if err != nil {
		return err
	}
	// One connection: a session is a connection's.
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	switch name {
	case "transaction":
		return transaction(ctx, conn, text, cases, out)
	case "session":
		set, show, _ := strings.Cut(text, ";")
		if err := query(ctx, conn, name, set, nil, &document{}); err != nil {
			return err
		}
		text = strings.TrimSpace(show)
	case "cancel":
		go func() {
			bufio.NewReader(os.Stdin).ReadString('\n')
			cancel()
		}()
	}
	var parameters []any
	if name == "prepared" {
		day := trino.Date(2024, time.February, 29)
		parameters = []any{int64(1234567890123), `it's a "test", é☃`, trino.Numeric("1.5E0"), true, day, 5}
	}
	return query(ctx, conn, name, text, parameters, out)
}

// transaction tells what comes of a failure within a transaction, of what follows it, and of what follows its end.
func transaction(ctx context.Context, conn *sql.Conn, text, cases string, out *document) error {
	failing, err := read(cases, "error")
	if err != nil {
		return err
	}
	for _, statements := range [][]string{{text, failing, text}, {text}} {
		tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadUncommitted})
		if err != nil {
			return err
		}
		for _, statement := range statements {
			var told document
			if err := query(ctx, tx, "transaction", statement, nil, &told); err != nil {
				out.Told = append(out.Told, describe(err))
			} else {
				out.Told = append(out.Told, told.Rows)
			}
		}
		if err := tx.Rollback(); err != nil {
			return err
		}
	}
	return nil
}

// querier is a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func query(ctx context.Context, on querier, name, text string, parameters []any, out *document) error {
	results, err := on.QueryContext(ctx, text, parameters...)
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
		if name == "large" {
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
	if name == "large" {
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
