<?php
/**
 * The page WooCommerce → MCI.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Pairing where there is none, status where there is one. Shows only; MCI_Actions does.
 */
class MCI_Page {

	const SLUG = 'mci-connector';

	/**
	 * The parts of the plugin.
	 *
	 * @var MCI_Plugin
	 */
	private $plugin;

	/**
	 * Constructor.
	 *
	 * @param MCI_Plugin $plugin The parts of the plugin.
	 */
	public function __construct( MCI_Plugin $plugin ) {
		$this->plugin = $plugin;
	}

	/**
	 * Registers the page and the link to it in the list of plugins.
	 */
	public function listen() {
		add_action( 'admin_menu', array( $this, 'add_menu' ), 60 );
		add_filter( 'plugin_action_links_' . plugin_basename( MCI_CONNECTOR_FILE ), array( $this, 'add_link' ) );
	}

	/**
	 * The page's address.
	 *
	 * @return string
	 */
	public static function url() {
		return admin_url( 'admin.php?page=' . self::SLUG );
	}

	/**
	 * The entry in WooCommerce's menu.
	 */
	public function add_menu() {
		$hook = add_submenu_page( 'woocommerce', __( 'MCI Connector', 'mci-connector' ), 'MCI', 'manage_woocommerce', self::SLUG, array( $this, 'show' ) );
		if ( $hook ) {
			add_action( 'load-' . $hook, array( $this, 'load' ) );
		}
	}

	/**
	 * The link in the list of plugins.
	 *
	 * @param array<int|string,string> $links Links.
	 * @return array<int|string,string>
	 */
	public function add_link( $links ) {
		array_unshift( $links, '<a href="' . esc_url( self::url() ) . '">' . esc_html__( 'Settings', 'mci-connector' ) . '</a>' );
		return $links;
	}

	/**
	 * Before the page is shown. While MCI tries the connection it asks how it stands, and comes again by itself.
	 */
	public function load() {
		$store = $this->plugin->store();
		if ( current_user_can( 'manage_woocommerce' ) && '' !== $store->waiting_code( time() ) ) {
			$trouble = $this->plugin->pairing()->ask_again();
			$store->set_state( array( 'pairing_trouble' => $trouble ) );
			if ( $store->is_paired() ) {
				$this->plugin->sender()->run(); // The first message at once: MCI sees that the shop has understood.
			} elseif ( '' !== $store->waiting_code( time() ) ) {
				header( 'Refresh: 4; url=' . self::url() );
			}
		}
		wp_enqueue_style( 'mci-connector', plugins_url( 'assets/admin.css', MCI_CONNECTOR_FILE ), array(), MCI_CONNECTOR_VERSION );
	}

	/**
	 * The page.
	 */
	public function show() {
		if ( ! current_user_can( 'manage_woocommerce' ) ) {
			return;
		}
		echo '<div class="wrap mci-connector"><h1>' . esc_html__( 'MCI Connector', 'mci-connector' ) . '</h1>';
		$this->show_outcome();
		if ( $this->plugin->store()->is_paired() ) {
			$this->show_status();
			$this->show_troubles();
			$this->show_buttons();
		} elseif ( '' !== $this->plugin->store()->waiting_code( time() ) ) {
			$this->show_waiting();
		} elseif ( null !== $this->plugin->store()->asked( time() ) ) {
			$this->show_receiver( $this->plugin->store()->asked( time() ) );
		} else {
			$this->show_pairing();
		}
		echo '</div>';
	}

	/**
	 * What the last click did.
	 */
	private function show_outcome() {
		$outcome = MCI_Actions::outcome();
		if ( $outcome ) {
			echo '<div class="notice notice-' . esc_attr( $outcome['kind'] ) . '" role="status"><p>' . esc_html( $outcome['text'] ) . '</p></div>';
		}
	}

	/**
	 * Who will receive the orders, before anything is handed in: whoever was sent here by a stranger's link sees it.
	 *
	 * @param array{portal:string,code:string,receiver:string} $asked What the person is asked.
	 */
	private function show_receiver( array $asked ) {
		echo '<div class="mci-receiver"><h2>' . esc_html__( 'Who will receive the orders of this shop?', 'mci-connector' ) . '</h2>';
		echo '<p class="mci-receiver-name"><strong>' . esc_html( $asked['receiver'] ) . '</strong><br><code>' . esc_html( $asked['portal'] ) . '</code></p>';
		echo '<p>' . esc_html__( 'From then on this company receives every order of this shop, with the names and addresses of your customers. If you do not know it, do not pair: somebody gave you a code of his own.', 'mci-connector' ) . '</p>';
		echo '<div class="mci-buttons">';
		MCI_Actions::open_form( 'pair' );
		submit_button( __( 'Pair with MCI', 'mci-connector' ), 'primary', 'submit-pair', false );
		echo '</form>';
		MCI_Actions::open_form( 'drop' );
		submit_button( __( 'Cancel', 'mci-connector' ), 'secondary', 'submit-drop', false );
		echo '</form></div></div>';
	}

	/**
	 * MCI tries the connection, or waits for its user.
	 */
	private function show_waiting() {
		echo '<div class="notice notice-info inline" role="status"><p><strong>' . esc_html__( 'MCI is trying the connection.', 'mci-connector' ) . '</strong> ' . esc_html__( 'In MCI confirm that this is your shop. This page goes on by itself; you may also close it.', 'mci-connector' ) . '</p></div>';
		MCI_Actions::open_form( 'drop' );
		submit_button( __( 'Cancel', 'mci-connector' ), 'secondary', 'submit-drop', false );
		echo '</form>';
	}

	/**
	 * The form for the one-time code.
	 */
	private function show_pairing() {
		$store = $this->plugin->store();
		$ended = $store->state( 'ended_by' );
		if ( 'mci' === $ended ) {
			echo '<div class="notice notice-warning"><p>';
			/* translators: %s: date and time. */
			echo esc_html( sprintf( __( 'MCI ended the pairing on %s.', 'mci-connector' ), self::when( (int) $store->state( 'ended_at', 0 ) ) ) );
			echo '</p></div>';
		}
		if ( $store->is_copy() ) {
			echo '<div class="notice notice-warning"><p>' . esc_html( MCI_Notices::copied( (string) $store->pairing( 'home' ) ) ) . '</p></div>';
		}
		list( $portal, $editable ) = $store->portal();
		// The code only fills its field; nothing happens without the button and its nonce.
		$code = isset( $_GET['mci_code'] ) ? sanitize_text_field( wp_unslash( $_GET['mci_code'] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended
		echo '<p>' . esc_html__( 'In MCI choose WordPress, type the address of this shop and copy the code that you are shown.', 'mci-connector' ) . '</p>';
		$trouble = (string) $store->state( 'pairing_trouble', '' );
		if ( '' !== $trouble ) {
			echo '<div class="notice notice-error inline" role="alert"><p>' . esc_html( $trouble ) . '</p></div>';
		}
		MCI_Actions::open_form( 'who' );
		echo '<table class="form-table" role="presentation"><tr><th scope="row"><label for="mci-address">' . esc_html__( 'Address of MCI', 'mci-connector' ) . '</label></th><td>';
		if ( $editable ) {
			echo '<input type="text" inputmode="url" class="regular-text" id="mci-address" name="address" required value="' . esc_attr( $portal ) . '" placeholder="https://" autocomplete="off">';
		} else {
			echo '<code id="mci-address">' . esc_html( $portal ) . '</code><p class="description">' . esc_html__( 'Set in wp-config.php (MCI_CONNECTOR_URL).', 'mci-connector' ) . '</p>';
		}
		echo '</td></tr><tr><th scope="row"><label for="mci-code">' . esc_html__( 'Pairing code', 'mci-connector' ) . '</label></th><td>';
		echo '<input type="text" class="regular-text code" id="mci-code" name="code" required value="' . esc_attr( $code ) . '" autocomplete="off" spellcheck="false">';
		echo '<p class="description">' . esc_html__( 'Next you see the company that will receive the orders, and decide.', 'mci-connector' ) . '</p></td></tr></table>';
		submit_button( __( 'Continue', 'mci-connector' ) );
		echo '</form>';
	}

	/**
	 * Whom the shop is paired with, and how the talk goes.
	 */
	private function show_status() {
		$store  = $this->plugin->store();
		$counts = $this->plugin->queue()->counts();
		$last   = (int) $store->state( 'last_event_at', 0 );
		$rows   = array(
			__( 'Paired with', 'mci-connector' )       => (string) $store->pairing( 'address' ),
			__( 'Name of the shop in MCI', 'mci-connector' ) => (string) $store->pairing( 'shop' ),
			__( 'Since', 'mci-connector' )             => self::when( (int) $store->pairing( 'paired_at', 0 ) ),
			__( 'Last message taken', 'mci-connector' ) => $last ? self::when( $last ) : __( 'none yet', 'mci-connector' ),
			__( 'Messages that wait', 'mci-connector' ) => number_format_i18n( $counts['waiting'] ),
			__( 'Messages that failed', 'mci-connector' ) => number_format_i18n( $counts['failed'] ),
			__( 'The oldest of them', 'mci-connector' ) => $counts['oldest'] ? self::when( $counts['oldest'] ) : '–',
			__( 'Clock', 'mci-connector' )             => self::clock( (int) $store->state( 'skew', 0 ) ),
			__( 'Products that wait for pictures', 'mci-connector' ) => number_format_i18n( $this->plugin->images()->waiting() ),
			__( 'Sent by', 'mci-connector' )           => 'action-scheduler' === $this->plugin->waker()->runner() ? 'Action Scheduler' : 'WP-Cron',
			__( 'Versions', 'mci-connector' )          => sprintf( 'MCI Connector %1$s, WordPress %2$s, WooCommerce %3$s, PHP %4$s', MCI_CONNECTOR_VERSION, get_bloginfo( 'version' ), WC_VERSION, PHP_VERSION ),
		);
		echo '<table class="widefat striped mci-status"><tbody>';
		foreach ( $rows as $name => $value ) {
			echo '<tr><th scope="row">' . esc_html( $name ) . '</th><td>' . esc_html( $value ) . '</td></tr>';
		}
		echo '</tbody></table>';
	}

	/**
	 * What waits with a reason.
	 */
	private function show_troubles() {
		$rows = $this->plugin->queue()->troubles();
		if ( ! $rows ) {
			return;
		}
		echo '<h2>' . esc_html__( 'Messages with a trouble', 'mci-connector' ) . '</h2><table class="widefat striped"><thead><tr>';
		foreach ( array( __( 'Order', 'mci-connector' ), __( 'Since', 'mci-connector' ), __( 'Tries', 'mci-connector' ), __( 'Next try', 'mci-connector' ), __( 'Why', 'mci-connector' ) ) as $title ) {
			echo '<th scope="col">' . esc_html( $title ) . '</th>';
		}
		echo '</tr></thead><tbody>';
		foreach ( $rows as $row ) {
			$next = 'failed' === $row['state'] ? __( 'given up', 'mci-connector' ) : self::when( $row['try_after'] );
			echo '<tr><td>' . esc_html( $row['order_id'] ? '#' . $row['order_id'] : __( 'Test', 'mci-connector' ) ) . '</td><td>' . esc_html( self::when( $row['waiting_since'] ) ) . '</td><td>';
			echo esc_html( number_format_i18n( $row['attempts'] ) ) . '</td><td>' . esc_html( $next ) . '</td><td>' . esc_html( MCI_Notices::reason( $row['reason'] ) ) . '</td></tr>';
		}
		echo '</tbody></table>';
	}

	/**
	 * What can be done.
	 */
	private function show_buttons() {
		echo '<div class="mci-buttons">';
		$buttons = array(
			'retry'  => array( __( 'Try again now', 'mci-connector' ), 'primary' ),
			'ping'   => array( __( 'Send a test', 'mci-connector' ), 'secondary' ),
			'unpair' => array( __( 'Unpair', 'mci-connector' ), 'delete' ),
		);
		foreach ( $buttons as $action => $button ) {
			MCI_Actions::open_form( $action );
			submit_button( $button[0], $button[1], 'submit-' . $action, false );
			echo '</form>';
		}
		echo '</div><p class="description">' . esc_html__( 'After unpairing MCI receives nothing more of this shop, and what waits is forgotten. Orders and products stay.', 'mci-connector' ) . '</p>';
	}

	/**
	 * How far the shop's clock is from MCI's.
	 *
	 * @param int $skew Seconds.
	 * @return string
	 */
	private static function clock( $skew ) {
		if ( abs( $skew ) < MINUTE_IN_SECONDS ) {
			return __( 'right', 'mci-connector' );
		}
		/* translators: %s: a span of time ("2 hours"). */
		return sprintf( __( 'differs from that of MCI by %s; messages are signed by that of MCI', 'mci-connector' ), human_time_diff( 0, abs( $skew ) ) );
	}

	/**
	 * A time as the shop writes it.
	 *
	 * @param int $seconds Seconds since 1970.
	 * @return string
	 */
	private static function when( $seconds ) {
		return (string) wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $seconds );
	}
}
