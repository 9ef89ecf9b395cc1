// SPDX-License-Identifier: MIT
import java.util.List;
import java.util.Map;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.Admin;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;

/** Creates the tables of OpenTSDB in a new HBase. */
public class CreateTables {
    private static final Map<String, List<String>> FAMILIES = Map.of("tsdb", List.of("t"), "tsdb-uid", List.of("id", "name"),
        "tsdb-tree", List.of("t"), "tsdb-meta", List.of("name"));

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = ConnectionFactory.createConnection(HBaseConfiguration.create());
                Admin admin = connection.getAdmin()) {
            for (Map.Entry<String, List<String>> table : FAMILIES.entrySet()) {
                TableDescriptorBuilder description = TableDescriptorBuilder.newBuilder(TableName.valueOf(table.getKey()));
                table.getValue().forEach(family -> description.setColumnFamily(ColumnFamilyDescriptorBuilder.of(family)));
                admin.createTable(description.build());
            }
        }
    }
}
