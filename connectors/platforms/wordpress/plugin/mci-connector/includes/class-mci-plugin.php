<?php
/**
 * The plugin's parts, put together.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Makes each part once, when it is asked for, and tells WordPress who listens to what.
 */
final class MCI_Plugin {

	/**
	 * The parts.
	 *
	 * @var array<string,object>
	 */
	private $parts = array();

	/**
	 * Begins to listen. Called when all plugins are there.
	 */
	public function run() {
		add_action( 'init', array( $this, 'load_texts' ), 1 );
		add_action( 'init', array( $this, 'keep_table' ), 5 );
		add_action( 'rest_api_init', array( $this, 'register_route' ) );
		if ( ! function_exists( 'WC' ) ) {
			return; // "Requires Plugins" prevents it, except when somebody deletes WooCommerce's folder.
		}
		$this->waker()->listen();
		( new MCI_Watch( $this->store(), $this->queue(), $this->waker() ) )->listen();
		add_action( MCI_Waker::SEND, array( $this, 'send' ) );
		add_action( MCI_Waker::LATER, array( $this, 'send' ) );
		add_action( MCI_Waker::IMAGES, array( $this, 'fetch_images' ) );
		add_action( MCI_Waker::SWEEP, array( $this, 'sweep' ) );
		if ( is_admin() ) {
			( new MCI_Page( $this ) )->listen();
			( new MCI_Actions( $this ) )->listen();
			( new MCI_Notices( $this->store(), $this->queue() ) )->listen();
			( new MCI_Column() )->listen();
		}
	}

	/**
	 * Loads the translations that come with the plugin.
	 */
	public function load_texts() {
		load_plugin_textdomain( 'mci-connector', false, dirname( plugin_basename( MCI_CONNECTOR_FILE ) ) . '/languages' );
	}

	/**
	 * Makes the table where it is missing: also in each site of a network, and after an update.
	 */
	public function keep_table() {
		if ( (int) get_option( MCI_Pairing_Store::SCHEMA ) !== MCI_Queue_Table::SCHEMA ) {
			( new MCI_Queue_Table() )->install();
			update_option( MCI_Pairing_Store::SCHEMA, MCI_Queue_Table::SCHEMA );
			$this->store()->install_id();
		}
	}

	/**
	 * MCI's door.
	 */
	public function register_route() {
		( new MCI_Route( $this->store(), $this->queue(), new MCI_Ops( $this ) ) )->register();
	}

	/**
	 * Sends what is due, and sees to the next time.
	 */
	public function send() {
		if ( '' !== $this->store()->waiting_code( time() ) ) {
			$trouble = $this->pairing()->ask_again();
			if ( '' !== $trouble ) {
				$this->store()->set_state( array( 'pairing_trouble' => $trouble ) );
			} elseif ( '' !== $this->store()->waiting_code( time() ) ) {
				$this->waker()->at( MCI_Waker::LATER, time() + 30 );
			}
		}
		if ( ! $this->store()->is_paired() ) {
			return;
		}
		$this->sender()->run();
		$next = $this->queue()->counts()['next'];
		if ( $next && '' === $this->store()->state( 'stopped' ) ) {
			$this->waker()->at( MCI_Waker::LATER, max( $next, time() + 5 ) );
		}
	}

	/**
	 * Fetches pictures.
	 */
	public function fetch_images() {
		$this->images()->run();
	}

	/**
	 * Every five minutes: whatever a lost waking left behind.
	 */
	public function sweep() {
		$this->send();
		$this->fetch_images();
	}

	/**
	 * The pairing.
	 *
	 * @return MCI_Pairing_Store
	 */
	public function store() {
		return $this->part( MCI_Pairing_Store::class );
	}

	/**
	 * What MCI must still hear.
	 *
	 * @return MCI_Queue
	 */
	public function queue() {
		return $this->part( MCI_Queue::class, new MCI_Queue_Table() );
	}

	/**
	 * Who wakes.
	 *
	 * @return MCI_Waker
	 */
	public function waker() {
		return $this->part( MCI_Waker::class );
	}

	/**
	 * What the shop says of itself.
	 *
	 * @return MCI_About
	 */
	public function about() {
		return $this->part( MCI_About::class );
	}

	/**
	 * Who sends.
	 *
	 * @return MCI_Sender
	 */
	public function sender() {
		return $this->part( MCI_Sender::class, $this->store(), $this->queue(), new MCI_Portal( $this->store() ), new MCI_Order_Json() );
	}

	/**
	 * Who pairs.
	 *
	 * @return MCI_Pairing
	 */
	public function pairing() {
		return $this->part( MCI_Pairing::class, $this->store(), $this->queue(), new MCI_Portal( $this->store() ), $this->about() );
	}

	/**
	 * Who fetches pictures.
	 *
	 * @return MCI_Images
	 */
	public function images() {
		return $this->part( MCI_Images::class, $this->waker(), $this->store() );
	}

	/**
	 * A part, made once.
	 *
	 * @param string $class_name The part.
	 * @param mixed  ...$with    What it is made with.
	 * @return object
	 */
	private function part( $class_name, ...$with ) {
		if ( ! isset( $this->parts[ $class_name ] ) ) {
			$this->parts[ $class_name ] = new $class_name( ...$with );
		}
		return $this->parts[ $class_name ];
	}
}
