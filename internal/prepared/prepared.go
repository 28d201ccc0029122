// Package prepared is SQLite with statements that stay prepared: a connection
// keeps those it used last, found by their text. A server runs the same few
// all day, and here to parse one costs as much as to run it.
//
// SQLite prepares a kept statement anew by itself when the schema or the
// statistics have changed under it.
package prepared

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// Open opens a database as sql.Open("sqlite", dsn) does.
func Open(dsn string) (*sql.DB, error) {
	inner, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{inner}), nil
}

type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{sqliteConn: inner.(sqliteConn)}, nil
}

// What SQLite's connections, statements and rows can do for database/sql.
type (
	sqliteConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
		driver.Pinger
		driver.SessionResetter
		driver.Validator
	}
	sqliteStmt interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	sqliteRows interface {
		driver.Rows
		driver.RowsColumnTypeDatabaseTypeName
		driver.RowsColumnTypeLength
		driver.RowsColumnTypeNullable
		driver.RowsColumnTypePrecisionScale
		driver.RowsColumnTypeScanType
	}
)

// How many statements a connection keeps, of up to some 30 KB each, and how
// long their texts may be: a long one is a list of values, and comes once.
const (
	atMost  = 64
	longest = 4 << 10
)

// conn keeps statements that nobody uses: one is taken out to run, so the same
// text within its rows is prepared a second time. database/sql lets nobody use
// a connection, its statements and rows at the same time as another.
type conn struct {
	sqliteConn
	idle []*stmt // the one used last is last
}

// keep tells whether a statement may stay prepared. A pragma may do its work
// while it is prepared, and what changes the schema comes once.
func keep(text string) bool {
	word, _, _ := strings.Cut(text, " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return len(text) <= longest
	}
	return false
}

func (c *conn) take(ctx context.Context, text string) (*stmt, error) {
	for i, s := range slices.Backward(c.idle) {
		if s.text == text {
			c.idle = slices.Delete(c.idle, i, i+1)
			return s, nil
		}
	}
	s, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &stmt{s.(sqliteStmt), c, text}, nil
}

func (c *conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if !keep(text) {
		return c.sqliteConn.PrepareContext(ctx, text)
	}
	return c.take(ctx, text)
}

func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if !keep(text) {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	return result, s.done(err)
}

func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if !keep(text) {
		return c.sqliteConn.QueryContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, s.done(err)
	}
	return &rows{found.(sqliteRows), s}, nil
}

func (c *conn) Close() error {
	for _, s := range c.idle {
		_ = s.sqliteStmt.Close() // it is idle, and has no error to tell
	}
	c.idle = nil
	return c.sqliteConn.Close()
}

type stmt struct {
	sqliteStmt
	conn *conn
	text string
}

// Close gives the statement back to its connection.
func (s *stmt) Close() error { return s.done(nil) }

// done gives the statement back if it went well, and says how it went.
func (s *stmt) done(err error) error {
	if err != nil {
		_ = s.sqliteStmt.Close() // it tells the same error again
		return err
	}
	c := s.conn
	c.idle = append(c.idle, s)
	if len(c.idle) > atMost {
		err = c.idle[0].sqliteStmt.Close()
		c.idle = slices.Delete(c.idle, 0, 1)
	}
	return err
}

// rows have their statement to themselves until they are closed.
type rows struct {
	sqliteRows
	stmt *stmt
}

func (r *rows) Close() error { return r.stmt.done(r.sqliteRows.Close()) }
