// Runs cases through a JDBC driver, Presto's or Trino's, and prints one line of JSON for each.
//
//   java -cp DRIVER.jar Jdbc.java presto|trino SERVER_URL CASES_DIR CASE...

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

public final class Jdbc {
    private Jdbc() {}

    /** A value that is JSON already. */
    private record Json(String text) {}

    public static void main(String[] arguments) throws Exception {
        String server = arguments[1].replaceFirst("^https?://", "").replaceFirst("/$", "");
        String url = "jdbc:" + arguments[0] + "://" + server + "/tpch/tiny";
        Path cases = Path.of(arguments[2]);
        Properties properties = new Properties();
        properties.setProperty("user", System.getenv("CLIENT_USER"));
        for (String name : Arrays.copyOfRange(arguments, 3, arguments.length)) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("case", name);
            try (Connection connection = DriverManager.getConnection(url, properties)) {
                run(connection, name, cases, document);
            }
            catch (SQLException e) {
                document.put("error", error(e));
            }
            StringBuilder line = new StringBuilder();
            write(line, document);
            System.out.println(line);
            System.out.flush();
        }
        System.exit(0); // some drivers leave threads behind
    }

    private static void run(Connection connection, String name, Path cases, Map<String, Object> document)
            throws Exception {
        switch (name) {
            case "metadata" -> metadata(connection, document);
            case "prepared" -> prepared(connection, sql(cases, name), document);
            case "parameters" -> parameters(connection, sql(cases, name), document);
            case "session" -> session(connection, sql(cases, name), document);
            case "transaction" -> transaction(connection, sql(cases, name), sql(cases, "error"), document);
            case "cancel" -> cancel(connection, sql(cases, name), document);
            case "timeout" -> timeout(connection, sql(cases, "cancel"), document);
            default -> {
                try (Statement statement = connection.createStatement();
                        ResultSet results = statement.executeQuery(sql(cases, name))) {
                    if (name.equals("large")) {
                        document.put("rows", List.of(sums(results)));
                    }
                    else {
                        table(results, document);
                    }
                }
            }
        }
    }

    private static String sql(Path cases, String name) throws Exception {
        return Files.readString(cases.resolve(name + ".sql")).strip();
    }

    private static void prepared(Connection connection, String sql, Map<String, Object> document) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, 1234567890123L);
            statement.setString(2, "it's a \"test\", \u00e9\u2603");
            statement.setDouble(3, 1.5);
            statement.setBoolean(4, true);
            statement.setDate(5, Date.valueOf("2024-02-29"));
            statement.setInt(6, 5);
            try (ResultSet results = statement.executeQuery()) {
                table(results, document);
            }
        }
    }

    private static void session(Connection connection, String sql, Map<String, Object> document) throws SQLException {
        String[] statements = sql.split(";");
        try (Statement statement = connection.createStatement()) {
            statement.execute(statements[0]);
            try (ResultSet results = statement.executeQuery(statements[1].strip())) {
                table(results, document);
            }
        }
    }

    /** What comes of a failure within a transaction, of what follows it, and of what follows its end. */
    private static void transaction(Connection connection, String sql, String failing, Map<String, Object> document)
            throws SQLException {
        connection.setAutoCommit(false);
        List<Object> told = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (String each : List.of(sql, failing, sql, "", sql)) {
                if (each.isEmpty()) {
                    connection.rollback();
                    continue;
                }
                Map<String, Object> one = new LinkedHashMap<>();
                try (ResultSet results = statement.executeQuery(each)) {
                    table(results, one);
                    told.add(one.get("rows"));
                }
                catch (SQLException e) {
                    told.add(error(e));
                }
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        document.put("told", told);
    }

    /** Cancels a statement, from another thread than that which waits for it, when told to on stdin. Says when it can. */
    private static void cancel(Connection connection, String sql, Map<String, Object> document) throws Exception {
        try (Statement statement = connection.createStatement()) {
            Thread worker = new Thread(() -> {
                try (ResultSet results = statement.executeQuery(sql)) {
                    table(results, document);
                }
                catch (SQLException e) {
                    document.put("error", error(e));
                }
            });
            // Before the statement's first answer, a driver has nothing to cancel.
            CountDownLatch begun = new CountDownLatch(1);
            Consumer<Object> monitor = stats -> begun.countDown();
            statement.getClass().getMethod("setProgressMonitor", Consumer.class).invoke(statement, monitor);
            worker.start();
            begun.await();
            System.out.println("ready");
            System.in.read();
            statement.cancel();
            worker.join();
        }
    }

    /** A statement that takes longer than it may. */
    private static void timeout(Connection connection, String sql, Map<String, Object> document) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(2);
            long start = System.nanoTime();
            try (ResultSet results = statement.executeQuery(sql)) {
                table(results, document);
            }
            catch (SQLException e) {
                document.put("error", error(e));
            }
            // Servers look after it about once a second, and this machine has other things to do.
            document.put("inTime", System.nanoTime() - start < 8_000_000_000L);
        }
    }

    /** Every type that a parameter is commonly set as, there and back. */
    private static void parameters(Connection connection, String sql, Map<String, Object> document) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setNull(1, java.sql.Types.BIGINT);
            statement.setBoolean(2, true);
            statement.setByte(3, (byte) -128);
            statement.setShort(4, (short) 32767);
            statement.setInt(5, -2147483648);
            statement.setLong(6, 9223372036854775807L);
            statement.setFloat(7, 1.5f);
            statement.setDouble(8, -1.0E-7);
            statement.setBigDecimal(9, new BigDecimal("-12345678901234567890.50"));
            statement.setString(10, "a'b\"c\\\n\u00e9\u2603\ud83e\udd80");
            statement.setBytes(11, new byte[] {0, -1, 16, 65});
            statement.setDate(12, Date.valueOf("2024-02-29"));
            statement.setTime(13, java.sql.Time.valueOf("01:02:03"));
            statement.setTimestamp(14, java.sql.Timestamp.valueOf("2024-02-29 01:02:03.456"));
            try (ResultSet results = statement.executeQuery()) {
                table(results, document);
            }
        }
    }

    private static void metadata(Connection connection, Map<String, Object> document) throws SQLException {
        DatabaseMetaData metadata = connection.getMetaData();
        document.put("valid", connection.isValid(10));
        document.put("product", metadata.getDatabaseProductName());
        try {
            document.put("version", metadata.getDatabaseProductVersion());
        }
        catch (SQLException e) {
            document.put("version", error(e)); // Trino's driver asks the SQL function version(), which Presto has not
        }
        document.put("catalogs", column(metadata.getCatalogs(), "TABLE_CAT"));
        document.put("schemas", column(metadata.getSchemas("tpch", null), "TABLE_SCHEM"));
        document.put("tables", columns(metadata.getTables("tpch", "tiny", "na%", null),
                "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE"));
        document.put("columns", columns(metadata.getColumns("tpch", "tiny", "nation", null),
                "COLUMN_NAME", "TYPE_NAME", "DATA_TYPE", "COLUMN_SIZE", "ORDINAL_POSITION", "IS_NULLABLE"));
        document.put("tableTypes", column(metadata.getTableTypes(), "TABLE_TYPE"));
        // The engines have types of their own beside these.
        List<Object> types = column(metadata.getTypeInfo(), "TYPE_NAME");
        types.retainAll(List.of("bigint", "boolean", "date", "double", "integer", "json", "real", "varbinary", "varchar"));
        document.put("types", new java.util.TreeSet<>(types.stream().map(Object::toString).toList()));
    }

    private static List<Object> column(ResultSet results, String name) throws SQLException {
        List<Object> values = new ArrayList<>();
        for (List<Object> row : columns(results, name)) {
            values.addAll(row);
        }
        return values;
    }

    private static List<List<Object>> columns(ResultSet results, String... names) throws SQLException {
        List<List<Object>> rows = new ArrayList<>();
        try (results) {
            while (results.next()) {
                List<Object> row = new ArrayList<>();
                for (String name : names) {
                    row.add(results.getObject(name));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** How many rows, the sums of the first two columns and of the third's lengths: fits on a line. */
    private static List<Object> sums(ResultSet results) throws SQLException {
        long[] sums = new long[4];
        while (results.next()) {
            sums[0]++;
            sums[1] += results.getLong(1);
            sums[2] += results.getLong(2);
            sums[3] += results.getString(3).length();
        }
        return List.of(sums[0], sums[1], sums[2], sums[3]);
    }

    private static void table(ResultSet results, Map<String, Object> document) throws SQLException {
        ResultSetMetaData metadata = results.getMetaData();
        List<Object> columns = new ArrayList<>();
        for (int i = 1; i <= metadata.getColumnCount(); i++) {
            columns.add(List.of(metadata.getColumnLabel(i), metadata.getColumnTypeName(i)));
        }
        List<Object> rows = new ArrayList<>();
        while (results.next()) {
            List<Object> row = new ArrayList<>();
            for (int i = 1; i <= metadata.getColumnCount(); i++) {
                row.add(results.getObject(i));
            }
            rows.add(row);
        }
        document.put("columns", columns);
        document.put("rows", rows);
    }

    private static Map<String, Object> error(SQLException e) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", e.getMessage());
        error.put("code", e.getErrorCode());
        error.put("state", e.getSQLState());
        if (e.getCause() != null) {
            error.put("cause", e.getCause().getMessage());
        }
        return error;
    }

    private static void write(StringBuilder out, Object value) throws SQLException {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long
                || value instanceof Short || value instanceof Byte) {
            out.append(value);
        }
        else if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
            write(out, finite ? new Json(value.toString()) : value.toString());
        }
        else if (value instanceof Json json) {
            out.append(json.text());
        }
        else if (value instanceof byte[] bytes) {
            write(out, Base64.getEncoder().encodeToString(bytes));
        }
        else if (value instanceof Array array) {
            write(out, array.getArray());
        }
        else if (value instanceof Object[] array) {
            write(out, Arrays.asList(array));
        }
        else if (value instanceof BigDecimal decimal) {
            write(out, decimal.toPlainString());
        }
        else if (value instanceof Map<?, ?> map) {
            Map<String, Object> sorted = map instanceof LinkedHashMap ? new LinkedHashMap<>() : new TreeMap<>();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                sorted.put(String.valueOf(entry.getKey()), entry.getValue());
            }
            String separator = "{";
            for (Map.Entry<String, Object> entry : sorted.entrySet()) {
                out.append(separator);
                quote(out, entry.getKey());
                out.append(':');
                write(out, entry.getValue());
                separator = ",";
            }
            out.append(sorted.isEmpty() ? "{}" : "}");
        }
        else if (value instanceof Collection<?> values) {
            String separator = "[";
            for (Object item : values) {
                out.append(separator);
                write(out, item);
                separator = ",";
            }
            out.append(values.isEmpty() ? "[]" : "]");
        }
        else {
            quote(out, value.toString()); // strings, dates, Trino's Row: {id=1, name=x}
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            }
            else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            }
            else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
